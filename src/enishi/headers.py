"""What the headers of columns usually mean, in the languages of shops.

Headers are compared folded: without blanks, signs, accents and upper case. Where a header alone says too little, as
``Nom`` does, the others of its source tell.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache

# Usual headers, as `fold` leaves them: no blanks, signs, accents or upper case. The order is that of preference where
# only one column can be taken.
_HEADERS = {
    "record_id": "recordid id recid uniqueid レコードid レコード番号",
    "email": """email mail emailaddress mailaddress emailaddr mailaddr eメール eメールアドレス メール メールアドレス
        電子メール 電子メールアドレス emailadresse mailadresse courriel adressemail correo correoelectronico
        indirizzoemail emailadres adresseemail useremail accountemail loginemail receiptemail ereceiptemail
        emailprivat emailprivee emailpersonal epost emailid mailid emailadr emailpersonale postaelettronica correoe
        epostadress sahkoposti sahkopostiosoite eposta surel thudientu 電子郵件 電子信箱 信箱 電郵 电子邮箱 电子邮件
        邮箱 이메일 이메일주소 전자우편 메일 메일주소 อีเมล электроннаяпочта емейл البريدالالكتروني""",
    "hashed_email": "hashedemail emailhash emailhashed emailsha256 sha256email hem",
    "phone": """phone tel telephone phoneno phonenumber telno telnumber telephoneno telephonenumber mobile mobileno
        mobilenumber mobilephone mobilephonenumber cell cellno cellphone cellphonenumber cellnumber homephone
        homephonenumber workphone directphone phonehome phonework phonemobile phonecell contactno contactnumber 電話
        電話番号 tel番号 携帯 携帯電話 携帯番号 携帯電話番号 電話番号携帯 自宅電話 自宅電話番号 電話番号自宅
        固定電話 連絡先電話番号 連絡先 telefon telefonnummer telefonnr handy handynummer handynr mobil mobilnummer
        mobiltelefon festnetz rufnummer numerodetelephone portable telefono telefonos telefonomovil movil celular
        cellulare telefoon telefoonnummer telephonefixe telephoneportable telephonemobile telportable telfixe
        telefonofijo telefonprivat telefonmobil phonenum telnum fullphone fullphonenumber fullphonenum
        telefonkomorkowy telemovel msisdn mobno mobilenum mobnumber mobil1 telcontacto telefonocontacto
        telefonodecontacto telmovil telfmovil telf tlf tfno movil1 whatsapp telefone telefonecelular telefonecontato
        fone numerocelular numerodetelefono numerotelefono numeroditelefono numerocellulare mobiel mobielnummer
        telefoonnr telnr telnummer mobilnr puhelin puhelinnumero matkapuhelin telefonszam telefonnicislo
        cislotelefonu nrtelefonu numertelefonu telefonnumarasi ceptelefonu nohp nohandphone handphone nomorhp
        nomorhandphone nomortelepon telepon notelp notelepon sodienthoai dienthoai sdt didong sodidong 手機 手機號碼
        行動電話 行動電話號碼 電話號碼 聯絡電話 連絡電話 手机 手机号 手机号码 电话 电话号码 联系电话 휴대폰
        휴대폰번호 휴대전화 휴대전화번호 핸드폰 핸드폰번호 전화 전화번호 연락처 เบอร์โทร เบอร์โทรศัพท์ เบอร์มือถือ
        телефон номертелефона мобильныйтелефон""",
    "device_id": "deviceid device idfa gaid aaid adid advertisingid idfv cookie cookieid デバイスid 端末id 広告id",
    "payment_token": "paymenttoken token cardtoken 決済トークン トークン カードトークン",
    "loyalty_card": """loyaltycard loyaltycardno loyaltycardnumber loyaltyid cardno memberno memberid membernumber
        membershipno membershipnumber membershipid loyaltyno loyaltynumber loyaltynr loyaltymemberid clubcard
        clubcardno clubcardnumber kundenkarte kundenkartennummer kundenkartennr cartefidelite tarjetacliente
        pointcard pointcardno pointcardnumber 会員番号 会員id 会員no 会員カード番号 会員証番号 ポイントカード
        ポイントカード番号 ffnumber ffno ffp ffpnumber frequentflyer frequentflyerno frequentflyernumber membercard
        membercardno mitgliedsnummer mitgliedsnr mitgliednr lidnummer numeroadherent numerosocio tesserano 會員編號
        會員卡號 会员编号 会员卡号 회원번호""",
    "masked_card": """maskedcard maskedcardno maskedcardnumber cardmasked cardnomasked cardnumbermasked maskedpan
        panmasked cardmask マスクカード番号""",
    "masked_card_expiry": "maskedcardexpiry cardexpiry cardexpirydate cardexp",
    "name": """name fullname namefull nativename nativenamefull personname 氏名 名前 姓名 氏名漢字 名前漢字 漢字氏名
        顧客名 顧客氏名 お客様名 会員名 vollername nomcomplet nomprenom nombrecompleto nombreyapellidos nomecompleto
        yourname passengername paxname travelername travellername attendeename registrantname cardholdername
        holdername nameandsurname surnameandname lastnamefirstname namelastfirst namesurname apellidosynombre
        apellidosynombres nombresyapellidos nombreapellidos nombrecliente nombredelcliente nombrepaciente
        nombredelpaciente nomedocliente nomedopaciente nomecognome cognomenome nomeesobrenome nomecliente
        volledigenaam imieinazwisko nazwiskoiimie fulltnavn fullstnavn namnoch kokonimi adsoyad adisoyadi
        isimsoyisim jmenoaprijmeni namalengkap hovaten hoten hotenkhachhang tenkhachhang tenkh 客户姓名 客戶姓名
        顧客姓名 会员姓名 會員姓名 이름 성명 성함 고객명 고객이름 회원명 ชื่อนามสกุล ชื่อสกุล фио полноеимя""",
    "name_kana": """namekana kana fullnamekana kananame フリガナ ふりがな カナ かな 氏名カナ 氏名かな 名前カナ
        名前かな 氏名フリガナ 氏名ふりがな 名前フリガナ 名前ふりがな カナ氏名 カナ名 読み よみ ヨミ ヨミガナ
        よみがな 読み仮名 読みがな 氏名ヨミ 名前ヨミ""",
    "family_name": """familyname lastname namelast surname lname last sei 姓 名字 苗字 氏 姓漢字 漢字姓 氏名姓
        名前姓 nachname familienname zuname nomdefamille apellido apellidos cognome achternaam primerapellido
        sobrenome apelido apelidos nazwisko efternamn efternavn etternavn surnames lastnames familynames primerapell
        apellido1 apellidopaterno sobrenomes cognomi nomusuel soyad soyadi prijmeni sukunimi vezeteknev namabelakang
        姓氏 성씨 นามสกุล фамилия""",
    "given_name": """givenname firstname namefirst fname first mei forename 名 名漢字 漢字名 氏名名 名前名 vorname
        rufname prenom prenoms nombredepila primernombre voornaam imie fornamn fornavn givennames firstnames
        forenames nombres nomeproprio primeironome vornamen etunimi keresztnev imiona namadepan ชื่อจริง имя""",
    "middle_name": "middlename middle mname midname midlname middlenames secondname zweitername",
    "family_name_kana": """名字フリガナ 名字カナ 苗字フリガナ 苗字カナ familynamekana lastnamekana surnamekana
        lastkana seikana kanasei kanalast セイ せい 姓カナ 姓かな 姓フリガナ 姓ふりがな 姓ヨミ カナ姓 カナセイ
        かな姓 フリガナ姓 フリガナセイ ふりがな姓 ふりがなせい セイカナ 氏名カナ姓 氏名カナセイ 氏名セイ 名前セイ
        名前カナ姓""",
    "given_name_kana": """givennamekana firstnamekana firstkana meikana kanamei kanafirst メイ 名カナ 名かな
        名フリガナ 名ふりがな 名ヨミ めい カナメイ フリガナ名 フリガナメイ ふりがな名 ふりがなめい メイカナ
        氏名カナ名 氏名カナメイ 氏名メイ 名前メイ 名前カナ名""",
    "name_suffix": "suffix namesuffix namesuffixlbl",
    "birth_date": """birthdate dateofbirth dob birth born birthday bday dateofbirthday 生年月日 誕生日 生年月日西暦
        生年月日和暦 geburtsdatum geburtstag gebdatum gebdat datedenaissance naissance fechadenacimiento
        fechanacimiento nacimiento datadinascita geboortedatum geborenam geboren fnacimiento fechanac datanascimento
        datadenascimento dataurodzenia fodelsedatum fodselsdato birthdt dtofbirth bdate borndate fnac fecnac
        fechadenac fechanacim fecnacimiento natoil natail datanasc dtnasc dtnascimento datanac datenaissance
        datedenaiss datenaiss ddn datanascita datadenaixement dataur fodelsedag syntymaaika dogumtarihi
        datumnarozeni szuletesidatum tanggallahir tgllahir tgllhr ngaysinh ngaythangnamsinh 出生日期 出生年月日
        생년월일 생일 วันเกิด датарождения""",
    "birth_year": """birthyear yearofbirth yob 生年 誕生年 geburtsjahr anneenaissance annodinascita anonacimiento
        namsinh 出生年""",
    "birth_month": "birthmonth monthofbirth 生月 誕生月",
    "birth_day": "dayofbirth birthdayofmonth 生日",
    "postcode": """postcode postalcode zip zipcode postal zippostalcode zippostcode 郵便番号 郵便 plz postleitzahl
        codepostal codigopostal codicepostale kodpocztowy postnummer postnr pincode zip5 zipcd postcd postalcd
        codigopostalcp postkod postinumero psc iranyitoszam kodepos mabuuchinh mabuudien 郵遞區號 郵政編碼 邮编
        邮政编码 우편번호 รหัสไปรษณีย์ почтовыйиндекс""",
    "address": """address addr fulladdress addressline addrline addrfull street streetaddress streetname streetno
        streetnumber houseno housenumber suburb city town 住所 都道府県 市区町村 市町村 町名 町域 丁目番地 番地
        建物名 マンション名 adresse anschrift strasse str strassehausnummer strassenr hausnummer hausnr ort stadt
        wohnort rue ville direccion calle ciudad localidad indirizzo citta adres straat woonplaats 郡市区 都市区
        町以降 それ以外の住所 住所都道府県 住所市区町村 住所郡市区 住所都市区 住所町域 住所町以降 住所番地 住所建物
        住所建物名 建物 自宅住所 complementdadresse poblacion cityname citydesc unitnumber aptnumber aptno
        apartmentnumber plzort strasseundhausnummer strasseundnr domicilio municipio commune huisnummer plaats
        morada endereco cidade ulica miasto miejscowosc gatuadress postort poststed logradouro bairro barrio
        domicilioparticular osoite diachi alamat thanhpho kota 地址 住址 通訊地址 聯絡地址 通讯地址 联系地址 城市
        주소 도로명주소 상세주소 адрес город ที่อยู่""",
    "sex": """sex gender sexcode gendercode sexdesc genderdesc 性別 性別コード geschlecht sexe genero sexo sesso
        genere geslacht plec kon kjonn gioitinh jeniskelamin cinsiyet pohlavi 性别 성별 пол เพศ""",
    "company": """company companyname organization organisation organizationname organisationname nameorg orgname
        employer employername firm firma accountname businessname 会社 会社名 勤務先 勤務先名 法人名 企業名 社名
        societe empresa unternehmen azienda bedrijf""",
    "passport": """passport passportno passportnumber passportid パスポート番号 旅券番号 reisepass reisepassnummer
        passeport pasaporte""",
    "national_id": """nationalid nationalidno nationalidnumber ssn ssnno ssnnumber socialsecuritynumber
        socialsecurityno nino nationalinsurancenumber nhsnumber nhsno driverslicense driverslicence driverlicense
        driverlicensenumber driverslicensenumber drivinglicence drivinglicencenumber 免許証番号 運転免許証番号 dni
        cpf personnummer nif codicefiscale pesel socsecid socialsecuritynum aadhaar aadhaarno aadhaarnumber aadhar
        aadharno aadharnumber panno pancard pancardno dninie dninif nifnie nie cpfcnpj cpfoucnpj curp rfc cedula
        tckimlikno nik noktp nric nricno hkid cccd socccd cmnd socmnd citizenid codfiscale cf bsn fodselsnummer
        cprnummer cprnr hetu henkilotunnus rodnecislo jmbg oib 身分證字號 身份證字號 身分證 身份证 身份证号
        身份证号码 주민등록번호""",
    "time": """seenat timestamp datetime eventtime occurredat orderedat orderdate purchasedat purchasedate createdat
        createddate created createdon creationdate transactionat transactiontime transactiondate txat txtime txdate
        eventtimestamp eventat visitedat visittime visitdate calledat calltime calldate registeredat
        registrationdate signedupat signuptime signupdate enrolledat enrolldate enrollmentdate optinat optintime
        optindate joinedat joindate 日時 発生日時 注文日時 注文日 購入日時 購入日 登録日時 登録日 作成日時 受付日時
        受付日 来店日時 来店日 利用日時 利用日 取引日時 取引日 売上日時 売上日 入会日時 入会日 会員登録日
        anmeldedatum bestelldatum kaufdatum datecommande dateachat fechapedido fechacompra date""",
}
_TARGETS = {header: target for target, headers in _HEADERS.items() for header in headers.split()}
PREFERENCE = {header: rank for headers in _HEADERS.values() for rank, header in enumerate(headers.split())}
# Whose column it is goes without saying, and of which address or number; what a shipping address means does not.
_OWNERS = """customer cust contact member client buyer patient guest person employee donor student applicant
    subscriber billing billto bill primary home personal permanent mailing mail residential residence res address
    addr kunden kunde default defaultaddress billingaddress mailingaddress homeaddress residentialaddress rechnungs
    rechnungsadresse rechnungsanschrift passenger pax traveler traveller attendee registrant respondent patron
    participant player driver insured policyholder holder borrower reader resident tenant voter taxpayer claimant
    beneficiary visitor delegate trainee learner athlete runner volunteer supporter caller lead prospect shopper
    consumer purchaser payer candidate your child pupil cliente paciente titular contacto 顧客 お客様 ご本人 本人
    契約者 請求先 請求先の 会員 現 ご お 注文者 ご注文者 購入者 ご購入者 デフォルトの住所 デフォルト住所 客户 客戶
    會員 会员 고객 회원 주문자"""
_OWNERS_BEHIND = """請求先 ご請求先 注文者 ご注文者 購入者 会員 cliente delcliente docliente dacliente paciente
    delpaciente dopaciente contacto decontacto contato decontato titular deltitular dotitular client duclient patient
    dupatient khachhang kh"""
# Beside one of these a word for a name means whom they reach.
_REACH = """email mail correo correoelectronico phone tel telefono telefone telefon celular movil sdt sodienthoai nohp
    nomorhp telepon mobil handphone telefoon mobiel"""
# What a header means that says too little by itself: (field, beside one of these, and beside none of those).
_BESIDE: dict[str, list[tuple[str, frozenset[str], frozenset[str]]]] = {}
for _header, _target, _beside, _unless in (
    ("名", "given_name", "姓 氏 名字", "名前"),
    ("姓", "family_name", "名", ""),
    ("氏", "family_name", "名", "姓"),
    ("名カナ", "given_name_kana", "姓カナ 氏カナ", ""),
    ("名前", "given_name", "名字 苗字 姓", "名"),
    ("名前フリガナ", "given_name_kana", "名字フリガナ 苗字フリガナ 姓フリガナ", "名フリガナ"),
    ("名前カナ", "given_name_kana", "名字カナ 苗字カナ 姓カナ", "名カナ"),
    ("name", "family_name", "vorname voornaam", "nachname familienname zuname achternaam"),
    ("naam", "family_name", "voornaam", "achternaam"),
    ("nom", "family_name", "prenom prenoms", "nomdefamille"),
    ("given", "given_name", "family last surname familyname lastname", "givenname firstname"),
    ("family", "family_name", "given first givenname firstname", "familyname lastname surname"),
    ("nombre", "given_name", "apellido apellidos primerapellido apellido1 apellidopaterno", ""),
    (
        "nombre",
        "name",
        f"{_REACH} dni nif fechanacimiento",
        "apellido apellidos primerapellido apellido1 apellidopaterno",
    ),
    ("nome", "given_name", "cognome sobrenome apelido apelidos", ""),
    ("nome", "name", f"{_REACH} cpf cpfcnpj nif codicefiscale", "cognome sobrenome apelido apelidos"),
    ("nama", "name", f"{_REACH} nik noktp", "namadepan namabelakang"),
    ("ten", "name", _REACH, "ho"),
    ("ten", "given_name", "ho", ""),
    ("ho", "family_name", "ten", ""),
    ("navn", "name", _REACH, "fornavn etternavn efternavn"),
    ("namn", "name", _REACH, "fornamn efternamn"),
    ("naam", "name", _REACH, "voornaam achternaam"),
    ("nom", "name", f"{_REACH} datedenaissance", "prenom prenoms nomdefamille"),
    ("paciente", "name", f"{_REACH} fnacimiento fechanacimiento dni dninie", "nombre apellidos"),
    ("cliente", "name", f"{_REACH} cpf dni nif", "nombre nome apellidos cognome nombrecliente nomecliente"),
    ("passenger", "name", "pnr ffnumber flight flightno", "passengername name"),
    *(
        (header, "name", f"{_REACH} emailaddress", "name fullname firstname lastname givenname familyname")
        for header in ("participant", "patron", "attendee", "player", "runner", "volunteer", "insured", "policyholder")
    ),
    # In Japan a day of the month, which has its year and month beside it.
    ("生日", "birth_date", "姓名 手機 手机 電子郵件 邮箱 行動電話 性别 性別", "生年 生月 誕生年 誕生月"),
    ("geb", "birth_date", "name vorname nachname", ""),
    ("cep", "postcode", "cpf cpfcnpj nome nomecompleto telefone celular cidade endereco logradouro bairro", ""),
    ("cap", "postcode", "citta cognome indirizzo", ""),
    ("cp", "postcode", "ville commune prenom apellidos primerapellido direccion domicilio municipio", ""),
    # In Japan an email; beside a town, where letters go.
    ("mailaddr", "address", "mailcity mailstate mailzip mailzipcode mailpostcode", ""),
    ("mailaddress", "address", "mailcity mailstate mailzip mailzipcode mailpostcode", ""),
    *(
        (header, "masked_card_expiry", "maskedcard cardmasked maskedpan panmasked cardmask cardnumbermasked", "")
        for header in ("exp", "expiry", "expirydate", "expdate", "validthru")
    ),
    *(
        (header, "name", "email mail emailaddress emailadresse correo phone phonenumber telefon telefono", names)
        for header in ("contact", "contactperson", "kontakt", "kontaktperson", "ansprechpartner", "contacto")
        for names in ("name fullname firstname lastname givenname familyname vorname nachname nombre apellidos",)
    ),
):
    _BESIDE.setdefault(_header, []).append((_target, frozenset(_beside.split()), frozenset(_unless.split())))
_OWNED = frozenset(_HEADERS) - {"record_id", "time", "device_id"}
_CODES = ("cvv", "cvc", "cvn", "csc", "securitycode", "cardverification", "セキュリティコード", "暗証番号")

# Letters that are not one with an accent.
_LETTERS = str.maketrans({"đ": "d", "ł": "l", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe"})

REMEMBERED = 1_024  # headers, of which every field asks again


@lru_cache(REMEMBERED)
def guess_field(header: str) -> str | None:
    """The field or field part that a header usually means; ``record_id`` and ``time`` among them.

    Examples
    --------
    >>> guess_field("E-Mail"), guess_field("お名前"), guess_field("セイ"), guess_field("電話番号2")
    ('email', 'name', 'family_name_kana', 'phone')
    >>> guess_field("市区町村"), guess_field("client_name")
    ('address', 'name')
    >>> guess_field("amount") is None
    True
    """
    folded = fold(header)
    if is_card_code(header):
        return None
    if folded in _TARGETS:
        return _TARGETS[folded]
    # "phone 2" and "住所1" are one of several; "id 2" is not the id of a record.
    # One character alone says too little: 会員名 is no given name.
    bases = (base for _, base in _splits(folded) if len(base) > 1)
    return next((_TARGETS[base] for base in bases if _TARGETS.get(base) in _OWNED), None)


@lru_cache(REMEMBERED)
def _splits(folded: str) -> tuple[tuple[str, str], ...]:
    """A header without its number as whose it is and what: the whole, and without each owner that it begins with."""
    whole = folded.rstrip("0123456789")
    found = [("", whole)]
    found += [(owner, whole.removeprefix(owner)) for owner in _OWNERS.split() if whole.startswith(owner)]
    found += [(owner, whole.removesuffix(owner)) for owner in _OWNERS_BEHIND.split() if whole.endswith(owner)]
    # "Default Address Address 1"; "住所1(請求先)"
    return tuple((owner, base.rstrip("0123456789")) for owner, base in found)


@lru_cache(64)
def guess_fields(headers: tuple[str, ...]) -> Mapping[str, str]:
    """The fields that the headers of one source usually mean, by header; what they mean beside each other included.

    Examples
    --------
    >>> guess_fields(("Nom", "Prénom")), guess_fields(("Nom",))
    ({'Nom': 'family_name', 'Prénom': 'given_name'}, {})
    """
    splits = {header: _splits(fold(header)) for header in headers}
    beside: dict[str, set[str]] = {}
    for each in splits.values():
        for owner, base in each:
            beside.setdefault(owner, set()).add(base)
    found = {}
    folded = frozenset(map(fold, headers))
    for header in headers:
        target = guess_field(header)
        for owner, base in splits[header]:
            rules = _BESIDE.get(base, ())
            met = [each for each, some, none in rules if some & beside[owner] and none.isdisjoint(beside[owner])]
            if met:
                target = met[0]
                break
        # The two halves of one code; a hundred people share the first.
        other = {"1": "2", "2": "1"}.get(fold(header)[-1:], "") if target == "postcode" else ""
        if target and not (other and "郵便番号" in header and fold(header)[:-1] + other in folded):
            found[header] = target
    return _years_alone(found)


def _years_alone(found: dict[str, str]) -> dict[str, str]:
    """The guesses, in which a year of birth without its month is a field of its own; beside a whole date it is none."""
    targets = set(found.values())
    if "birth_month" in targets:
        return found
    alone = {"birth_year": None if "birth_date" in targets else "year_of_birth"}
    kept = {header: alone.get(target, target) for header, target in found.items()}
    return {header: target for header, target in kept.items() if target}


def is_card_code(header: str) -> bool:
    """Whether a header says that the column holds card verification codes, which nobody may keep.

    Examples
    --------
    >>> is_card_code("CVV2"), is_card_code("card_cvc"), is_card_code("postcode")
    (True, True, False)
    """
    folded = fold(header).rstrip("0123456789")
    words = "".join(c if c.isalnum() else " " for c in unicodedata.normalize("NFKC", header).lower()).split()
    return any(word.rstrip("0123456789") in _CODES for word in words) or any(
        folded == code or (len(code) > 3 and code in folded) for code in _CODES
    )


@lru_cache(REMEMBERED)
def fold(header: str) -> str:
    """A header without blanks, signs, accents and upper case.

    Examples
    --------
    >>> fold("Prénom (1)"), fold("Số điện thoại"), fold("お名前（姓）")
    ('prenom1', 'sodienthoai', 'お名前姓')
    """
    spelled = unicodedata.normalize("NFKC", header.replace("〒", "郵便番号")).casefold().translate(_LETTERS)
    # Accents of letters fall; voiced marks of kana are no accents.
    plain = (unicodedata.normalize("NFD", c)[0] if c < "\u0370" or "\u1e00" <= c < "\u1f00" else c for c in spelled)
    return "".join(c for c in plain if c.isalnum())
