"""``python -m enishi`` is the command ``enishi``."""

from enishi.cli import main

if __name__ == "__main__":
    main(prog_name="enishi")
