"""Names that are put together at random. Accents, apostrophes and commas are there on purpose."""

GIVEN = """
Aaliyah Abigail Adrian Aiden Alejandra Alexis Amara Amelia Andre Anika Asher Ava Bella Benjamin
Brooklyn Caleb Camila Carter Chloe Connor Daniela Darius David Destiny Diego Dominic Elena Elijah
Emma Esperanza Ethan Eva Ezra Fatima Finn Gabriela Genesis Grace Hannah Harper Hunter Ian Imani
Isaac Isabella Jada Jamal Jasmine Javier Jayden José Jordan Josephine Julia Kai Kayla Keisha Kofi
Landon Layla Leila Liam Logan Lucía Luis Madison Malik Mason Mateo Maya Mia Miguel Naomi Nia Noah
Nora Oliver Olivia Owen Priya Quinn Rachel Ravi René Riley Rosa Ruth Samir Santiago Savannah Sofia
Sébastien Tara Theo Thomas Trinity Tyler Valeria Violet Walker Wesley Willow Wyatt Xavier Yara
Yusuf Zachary Zara Zoë
""".split()

FAMILY = """
Abernathy Acosta Adkins Ahmed Alvarez Anderson Ashworth Bailey Baker Barnes Begum Bennett Blevins
Bowman Bradshaw Brooks Bryant Burgess Cantrell Carmichael Castillo Chandler Chavez Clark Coleman
Collins Cooper Crowder Cruz Daniels Davenport Delgado Dixon Douglas Duncan Dunlap Eldridge Ellis
Estrada Farris Ferguson Fields Fleming Flores Ford Fritz Gaines Garcia Gentry Gibson Goins Gonzalez
Graham Greer Guerrero Hamby Hamilton Harris Hawkins Henderson Hicks Holloway Howard Hughes Ingram
Irwin Jackson Jenkins Jiménez Johnson Kaur Keller Kennedy Kim King Kirby Lambert Lawson Leach Lewis
Lindsey Lockhart Lopez Lowe Mabry Martin Martinez Massengill McAllister McCoy Mendoza Mitchell
Moore Morgan Morales Murphy Müller Nash Nelson Nguyen Nichols O'Brien O'Neal Okafor Ortega Overton
Owens Park Parker Patel Payne Peña Perkins Phillips Pickett Powell Price Quarles Ramirez Ramsey
Reed Reynolds Richardson Rivera Roberts Rodriguez Rogers Ruiz Russell Sanders Santos Sharp Shelton
Simmons Singh Smith Snodgrass Stewart Sullivan Tate Taylor Thomas Thompson Tipton Torres Tran
Turner Underwood Vance Vargas Vaughn Walker Wallace Ward Washington Watson Webb White Whitaker
Williams Wilson Womack Wong Wright Yates Young Zamora Zimmerman
""".split()

PLACES = """
Oak_Ridge Clinton Norris Oliver_Springs Harriman Kingston Lenoir_City Maryville Alcoa Powell Halls
Karns Farragut Seymour Sevierville Morristown Jefferson_City Dandridge Newport Rogersville
""".split()

STREETS = """
Oak Main Cedar Tulane Illinois Lafayette Melton Emory Broadway Union Chapman Magnolia Bearden
Papermill Walnut Church Depot Mill River Commerce
""".split()

ETHNICITIES = [  # flag raised in demographics.csv, weight
    ("white", 62), ("blackOrAfricanAmerican", 12), ("hispanicOrLatinoEthnicity", 13), ("asian", 4),
    ("demographicRaceTwoOrMoreRaces", 7), ("americanIndianOrAlaskaNative", 1),
    ("nativeHawaiianOrOtherPacificIslander", 1),
]


def place(rng):
    return rng.choice(PLACES).replace("_", " ")
