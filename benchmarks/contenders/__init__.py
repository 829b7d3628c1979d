"""The peers, as somebody who knows them well would write the job; each is a program that a fresh process runs."""
