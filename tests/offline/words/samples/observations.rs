//! A sample of everything that the second look at a definition finds.

use connprobe::model::reason::{Field, Observation, Oddity};

pub fn observations() -> Vec<Observation> {
    let oddities =
        [Oddity::LineEnd, Oddity::Blank, Oddity::Invisible, Oddity::Quotes, Oddity::FernetToken, Oddity::Escapes];
    let odd = [Field::PASSWORD, Field::LOGIN]
        .into_iter()
        .flat_map(|field| oddities.map(|oddity| Observation::Odd(field.clone(), oddity)));
    let others = [
        Observation::Placeholder(Field::HOST),
        Observation::PlusInUri,
        Observation::Ignored { key: "sslca".into(), meant: "sslrootcert" },
        Observation::NameOfOneNetwork("db.prod.svc.cluster.local".into()),
        Observation::PortOfAnother { port: 3306, other: "MySQL", own: "PostgreSQL", usual: 5432 },
        Observation::SchemaInside("public".into()),
        Observation::KeysSwapped { id: Field::LOGIN, secret: Field::PASSWORD },
    ];
    odd.chain(others).collect()
}
