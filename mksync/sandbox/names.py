"""Words that demo people are made of. Nobody here exists; any likeness is chance."""

# fmt: off
FIRST = (
    "Ana", "Ben", "Carla", "Dmitri", "Elena", "Farid", "Grace", "Hugo", "Ingrid", "James", "Keiko", "Liam",
    "Maria", "Noah", "Olivia", "Pedro", "Quinn", "Rosa", "Samuel", "Tessa", "Umar", "Vera", "Walter", "Xenia",
    "Yusuf", "Zoe", "Amir", "Bianca", "Cedric", "Diana", "Emil", "Fatima", "Gustav", "Hanna", "Ivan", "Julia",
    "Kofi", "Laura", "Mateo", "Nadia", "Oscar", "Priya", "Ruben", "Sofia", "Tomas", "Ursula", "Victor", "Wanda",
    "Yara", "Zane",
)
LAST = (
    "Adler", "Becker", "Castro", "Dahl", "Evans", "Fischer", "Garcia", "Hansen", "Ito", "Jensen", "Keller",
    "Lind", "Moreau", "Novak", "Okafor", "Petrov", "Quist", "Ruiz", "Silva", "Torres", "Ueda", "Vargas",
    "Weber", "Xu", "Young", "Zimmer", "Abe", "Brandt", "Cole", "Diaz", "Eriksen", "Ford", "Gupta", "Hall",
    "Iqbal", "Jones", "Kaya", "Lopez", "Meyer", "Nair", "Olsen", "Patel", "Reyes", "Singh", "Tran", "Usman",
    "Vogel", "Ward", "Yilmaz", "Ziegler",
)
# fmt: on
# First name, last name, and the plain form for an e-mail address: each has broken some integration once.
AWKWARD = (
    ("Siobhán", "O'Brien", "siobhan.obrien"),
    ("José", "Núñez", "jose.nunez"),
    ("Sam", "King, Jr.", "sam.king"),
    ("Mia 🚀", "Rocket", "mia.rocket"),
    ("נועה", "לוי", "noa.levi"),
    ("[red]Rita", "Markup[/red]", "rita.markup"),
    ("Łukasz", "Żółć", "lukasz.zolc"),
    ("ليلى", "حداد", "layla.haddad"),
    ("D'Arcy", "de la Cruz-O'Neil", "darcy.delacruz"),
    ("美咲", "田中", "misaki.tanaka"),
    ("Anne-Sophie", 'The "Boss" Baker', "anne.baker"),
    ("Null", "Null", "null.null"),
    ("=1+1", "Formula", "fay.formula"),
)
SALUTATIONS = ("Mr.", "Ms.", "Mrs.", "Dr.", "Prof.", "")
TITLES = (
    "Chief Technology Officer",
    "VP Marketing",
    "Sales Director",
    "Head of Operations",
    "IT Manager",
    "Account Manager",
    "Data Analyst",
    "Buyer",
    "Product Owner",
    "R&D Engineer",
    "Office Manager",
    "Consultant",
)
DEPARTMENTS = ("Sales", "Marketing", "IT", "Finance", "Operations", "R&D", "")
# fmt: off
COMPANY_FIRST = (
    "Acorn", "Birch", "Cedar", "Delta", "Ember", "Falcon", "Granite", "Harbor", "Iris", "Juniper", "Kestrel",
    "Lumen", "Maple", "Nimbus", "Onyx", "Pine", "Quartz", "River", "Summit", "Tulip", "Umber", "Velvet",
    "Willow", "Xylo", "Yarrow", "Zephyr", "Amber", "Bluebird", "Copper", "Dune",
)
# fmt: on
COMPANY_LAST = (
    "Systems",
    "Logistics, Inc.",
    "& Sons",
    "Foods",
    "Health",
    "Energy",
    "Software GmbH",
    "Bank",
    "Media",
    "Tools",
    "Partners LLC",
    "Works",
)
INDUSTRIES = ("Technology", "Manufacturing", "Healthcare", "Finance", "Retail", "Energy", "Education", "Media")
STREETS = ("Main Street", "Oak Avenue", "Station Road", "Market Square", "Rue de l'Église", "Hafenstraße", "Park Lane")
TOWNS = (
    ("Springfield", "IL", "62701", "United States"),
    ("Portland", "OR", "97201", "United States"),
    ("Austin", "TX", "73301", "United States"),
    ("Toronto", "ON", "M5H 2N2", "Canada"),
    ("London", "", "EC1A 1BB", "United Kingdom"),
    ("München", "BY", "80331", "Germany"),
    ("Paris", "", "75001", "France"),
    ("São Paulo", "SP", "01000-000", "Brazil"),
    ("Zürich", "ZH", "8001", "Switzerland"),
    ("Osaka", "", "530-0001", "Japan"),
)
LEAD_SOURCES = ("Web", "Trade Show", "Partner Referral", "Phone Inquiry", "Purchased List", "Other")
INTERESTS: tuple[tuple[str, ...], ...] = (
    (),
    ("Analytics",),
    ("Automation",),
    ("Events",),
    ("Analytics", "Automation"),
    ("Automation", "Events"),
    ("Analytics", "Events", "Mobile"),
)
