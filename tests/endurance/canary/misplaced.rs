//! Fields that are shown, each with a secret in it by mistake.

use serde_json::{Value, json};

/// Puts the secret into a definition that has a server and a name.
type Place = fn(&mut Value, &str);

/// All such places, for PostgreSQL.
pub const PLACES: [Place; 20] = [
    |definition, secret| definition["conn_type"] = json!(format!("postgres://etl:{secret}@h/db")),
    |definition, secret| definition["host"] = json!(format!("sa:{secret}")),
    |definition, secret| definition["host"] = json!(format!("etl:{secret}@127.0.0.1")),
    |definition, secret| definition["host"] = json!(format!("db.example?passwd={secret}")),
    |definition, secret| definition["host"] = json!(format!("db.example?pwd={secret}")),
    |definition, secret| definition["host"] = json!(format!("Server=db;Password={secret};")),
    |definition, secret| definition["schema"] = json!(format!("app?password={secret}")),
    |definition, secret| {
        definition["login"] = json!(format!("etl:{secret}"));
        definition["password"] = Value::Null;
    },
    |definition, secret| definition["login"] = json!(format!("etl:{secret}")),
    |definition, secret| definition["description"] = json!(format!("password={secret}")),
    |definition, secret| definition["extra"] = json!({"user": format!("etl:{secret}@db")}),
    |definition, secret| definition["extra"] = json!({"dbname": format!("app?password={secret}")}),
    |definition, secret| definition["extra"] = json!({"region_name": format!("eu?token={secret}")}),
    |definition, secret| definition["extra"] = json!({format!("password={secret}"): true}),
    |definition, secret| definition["extra"] = json!({format!("postgres://etl:{secret}@h"): "x"}),
    // The password is in its own field, and in another one as well.
    |definition, secret| held(definition, "login", secret),
    |definition, secret| held(definition, "host", secret),
    |definition, secret| held(definition, "schema", secret),
    |definition, secret| held(definition, "description", secret),
    |definition, secret| {
        definition["extra"] = json!({"token": secret});
        definition["description"] = json!(format!("the token is {secret}"));
    },
];

fn held(definition: &mut Value, field: &str, secret: &str) {
    definition["password"] = json!(secret);
    definition[field] = json!(format!("x-{secret}"));
}
