//! The people of the example site. All of them are invented.

use crate::Role::{Admin, Author as Writer, Editor, Reader};
use crate::calendar::{HOUR, MINUTE, midnight};
use crate::{Author, Role};

/// The place of a handle in [`AUTHORS`].
pub(crate) fn index(handle: &str) -> usize {
    AUTHORS
        .iter()
        .position(|author| author.handle == handle)
        .unwrap_or_else(|| panic!("nobody is called {handle}"))
}

/// `(year, month, day, hour, minute)` of joining, UTC.
type Joined = (i64, i64, i64, i64, i64);

const fn person(
    role: Role,
    (handle, email): (&'static str, &'static str),
    name: &'static str,
    joined: Joined,
    bio: &'static str,
) -> Author {
    let (year, month, day, hour, minute) = joined;
    let created_at = midnight(year, month, day)
        + hour * HOUR
        + minute * MINUTE
        + (day * 977 + minute * 131) % 60_000;
    Author {
        handle,
        name,
        email,
        bio,
        role,
        created_at,
        deleted: false,
    }
}

const fn gone(author: Author) -> Author {
    Author {
        deleted: true,
        ..author
    }
}

/// A handle and the address made from it.
macro_rules! at {
    ($handle:literal) => {
        ($handle, concat!($handle, "@example.com"))
    };
}

/// Everybody, in the order in which others refer to them.
pub(crate) const AUTHORS: &[Author] = &[
    person(
        Admin,
        at!("ines-carvalho"),
        "Inês Carvalho",
        (2021, 1, 4, 8, 12),
        "Keeps the lights on here. Walks with a paper map and a thermos, and believes a good path is a shared sentence.",
    ),
    person(
        Editor,
        at!("tomasz-wrona"),
        "Tomasz Wrona",
        (2021, 1, 5, 17, 40),
        "Compositor, then typesetter, now editor. Owns four tonnes of metal type and no sofa.",
    ),
    person(
        Writer,
        at!("marit-solheim"),
        "Marit Solheim",
        (2021, 1, 11, 6, 55),
        "Builds and mends small wooden boats on a cold fjord. Writes when the glue is drying.",
    ),
    person(
        Writer,
        at!("yusuf-demirkan"),
        "Yusuf Demirkan",
        (2021, 1, 13, 4, 30),
        "Night baker. Twenty-two years at the oven, still surprised by dough.",
    ),
    person(
        Writer,
        at!("onodera-sumiko"),
        "小野寺 澄子",
        (2021, 1, 19, 12, 5),
        "活字と夜行列車が好きです。小さな町の図書館で働いています。",
    ),
    person(
        Writer,
        at!("gu-tingxue"),
        "顾听雪",
        (2021, 1, 22, 13, 18),
        "在山脚下的小图书馆工作,晚上看星星,周末修旧书。",
    ),
    person(
        Writer,
        at!("namgung-boram"),
        "남궁보람",
        (2021, 1, 25, 10, 47),
        "골목길 정원사이자 아마추어 무선사. 느린 것들에 대해 씁니다.",
    ),
    person(
        Writer,
        at!("nawar-khayyat"),
        "نوّار الخيّاط",
        (2021, 1, 28, 19, 2),
        "مترجم وأمين مكتبة. أكتب عن اللغات والخرائط والمقاهي الهادئة.",
    ),
    person(
        Writer,
        at!("vera-ozerskaya"),
        "Вера Озёрская",
        (2021, 2, 1, 15, 33),
        "Проводница в прошлом, писательница писем в настоящем. Люблю ночные поезда и чай в подстаканнике.",
    ),
    person(
        Writer,
        at!("ostap-hrechanyk"),
        "Остап Гречаник",
        (2021, 2, 2, 5, 21),
        "Печу хліб, рахую лелек, ремоную старі радіоприймачі.",
    ),
    person(
        Writer,
        at!("radost-zheleva"),
        "Радост Желева",
        (2021, 2, 3, 18, 9),
        "Градинарка от подножието на планината. Пиша за семена, домати и търпение.",
    ),
    person(
        Writer,
        at!("jorinde-falkenrath"),
        "Jorinde Falkenrath",
        (2021, 2, 5, 9, 14),
        "Repariert, was sich öffnen lässt. Schreibt über Werkstätten, Nachtzüge und die Kunst, Schrauben nicht zu verlieren.",
    ),
    person(
        Writer,
        at!("maelle-quintrec"),
        "Maëlle Quintrec",
        (2021, 2, 8, 16, 26),
        "Marin d’eau salée, lectrice d’eau douce. J’écris sur les bateaux, les marées et les villes au petit matin.",
    ),
    person(
        Writer,
        at!("abril-sandoval"),
        "Abril Sandoval Rey",
        (2021, 2, 9, 20, 51),
        "Toco el acordeón en un patio con eco. Escribo sobre música, barrios y sobremesas largas.",
    ),
    person(
        Writer,
        at!("meenakshi-varadan"),
        "Meenakshi Varadan",
        (2021, 2, 10, 11, 37),
        "Writes Rust for a living and SQL for clarity. Collects error messages that are kind.",
    ),
    person(
        Writer,
        at!("fiadh-corrigan"),
        "Fiadh Corrigan",
        (2021, 2, 12, 5, 3),
        "Up before the blackbirds, notebook in the left pocket, pencil behind the right ear.",
    ),
    person(
        Writer,
        at!("adebisi-oyelaran"),
        "Adébísí Oyèlárán",
        (2021, 2, 14, 21, 45),
        "Radio amateur and retired lighthouse electrician. If it hums, I want to know at what frequency.",
    ),
    person(
        Writer,
        at!("joaquim-taveira"),
        "Joaquim Taveira",
        (2021, 2, 16, 22, 19),
        "Tunes pianos in the north of the country; plays them only when nobody is listening.",
    ),
    person(
        Writer,
        at!("marama-tautari"),
        "Marama Tautari",
        (2021, 2, 17, 9, 30),
        "Shows people the sky from a paddock with no street lamps. Twelve-inch mirror, very warm coat.",
    ),
    person(
        Writer,
        at!("eero-kangasluoma"),
        "Eero Kangasluoma",
        (2021, 2, 18, 14, 8),
        "Clock mender and repair café regular. Firm believer in the second screwdriver.",
    ),
    person(
        Writer,
        at!("selamawit-tadesse"),
        "Selamawit Tadesse",
        (2021, 2, 20, 7, 24),
        "City planner on weekdays, pedestrian always. Counts benches, trees and places to sit without buying anything.",
    ),
    person(
        Editor,
        at!("emrys-caddell"),
        "Emrys Caddell",
        (2021, 2, 21, 10, 56),
        "Waymarker of forty miles of hill path. Edits other people’s sentences with the same paint brush.",
    ),
    person(
        Writer,
        at!("to-ngoc-hanh"),
        "Tô Ngọc Hạnh",
        (2021, 2, 23, 3, 42),
        "Interpreter, dictionary reader, collector of words for rain. Speaks five languages badly enough to enjoy them.",
    ),
    person(
        Writer,
        at!("illari-quispe"),
        "Illari Quispe Choque",
        (2021, 2, 25, 13, 11),
        "Weaver and night-sky guide from the high plain. Patterns first, explanations later.",
    ),
    gone(person(
        Writer,
        at!("casimir-holloway"),
        "Casimir Holloway",
        (2021, 2, 26, 18, 20),
        "Wrote about music and old cinemas for a while, then took up something quieter.",
    )),
    person(
        Reader,
        at!("gustav-lindqvist"),
        "Gustav Lindqvist",
        (2021, 3, 14, 19, 48),
        "Reads on the tram. Comments at the terminus.",
    ),
    person(
        Reader,
        at!("pilar-etxeberria"),
        "Pilar Etxeberria",
        (2021, 6, 2, 21, 15),
        "Jubilada, curiosa, con dos gatos y una biblioteca desordenada.",
    ),
    person(
        Reader,
        at!("noor-baksh"),
        "Noor Baksh",
        (2022, 1, 9, 6, 39),
        "",
    ),
    person(
        Writer,
        at!("dov-lerner"),
        "Dov Lerner",
        (2022, 11, 27, 23, 4),
        "Here for the bread and the night trains.",
    ),
    person(
        Writer,
        at!("wanjiru-kimathi"),
        "Wanjirũ Kimathi",
        (2023, 8, 18, 12, 32),
        "Librarian’s daughter, surveyor, slow reader of long posts. 📚",
    ),
    gone(person(
        Reader,
        at!("bertil-ask"),
        "Bertil Ask",
        (2021, 9, 30, 15, 0),
        "Gone fishing.",
    )),
];
