//! `Table`: the table `connection` of every Airflow since 1.10. It chooses the columns that are read, and converts values
//! into rows.

use super::Trouble;
use super::reading::Reading;
use crate::driver::Cell;
use crate::model::reason::unusable::Metadata;
use crate::source::airflow::row::Row;

/// The most rows of the table, and the most bytes of all values.
pub(super) const ROWS: usize = 100_000;
pub(super) const BYTES: usize = 64 << 20;

/// The name of the table.
#[derive(Clone)]
pub(super) struct Name {
    schema: Option<String>,
}

impl Name {
    /// `schema` is the schema of the table (MySQL: the database), unless it is that of the session.
    pub(super) fn new(schema: Option<&str>) -> Self {
        Self { schema: schema.map(str::to_owned) }
    }

    /// Whether the table is in the session's own schema, which is called `own`.
    pub(super) fn is_in(&self, own: &str) -> bool {
        self.schema.as_ref().is_none_or(|schema| schema.eq_ignore_ascii_case(own))
    }

    /// The name for statements, quoted with `quote`.
    fn quoted(&self, quote: char) -> String {
        let schema = self.schema.as_ref().map(|schema| {
            let doubled: String = schema
                .chars()
                .flat_map(|letter| [Some(letter), (letter == quote).then_some(letter)])
                .flatten()
                .collect();
            format!("{quote}{doubled}{quote}.")
        });
        format!("{}{quote}connection{quote}", schema.unwrap_or_default())
    }

    /// The query that tells the columns of the table.
    pub(super) fn columns_query(&self, quote: char) -> String {
        format!("SELECT * FROM {} LIMIT 0", self.quoted(quote))
    }

    /// The error that there is no such table.
    pub(super) fn absent(&self) -> Trouble {
        let Some(schema) = &self.schema else {
            return Metadata::NoTable.into();
        };
        Metadata::NoTableInSchema { schema: schema.clone() }.into()
    }
}

/// A column, whether every Airflow has it, and how its values are read.
struct Column {
    name: &'static str,
    essential: bool,
    put: fn(&mut Row, Reading<'_>),
}

const COLUMNS: &[Column] = &[
    Column { name: "id", essential: true, put: |row, value| row.id = value.number().unwrap_or_default() },
    Column { name: "conn_id", essential: true, put: |row, value| row.conn_id = value.text() },
    Column { name: "conn_type", essential: true, put: |row, value| row.conn_type = value.text() },
    Column { name: "description", essential: false, put: |row, value| row.description = value.text() },
    Column { name: "host", essential: true, put: |row, value| row.host = value.text() },
    Column { name: "schema", essential: true, put: |row, value| row.schema = value.text() },
    Column { name: "login", essential: true, put: |row, value| row.login = value.text() },
    Column { name: "port", essential: true, put: |row, value| row.port = value.number() },
    Column { name: "password", essential: true, put: |row, value| row.password = value.secret() },
    Column { name: "extra", essential: true, put: |row, value| row.extra = value.secret() },
    Column { name: "is_encrypted", essential: false, put: |row, value| row.is_encrypted = value.flag() },
    Column { name: "is_extra_encrypted", essential: false, put: |row, value| row.is_extra_encrypted = value.flag() },
    // The first is a column of 3.1, the second of 3.2 and later.
    Column { name: "team_id", essential: false, put: |row, value| row.team = value.text() },
    Column { name: "team_name", essential: false, put: |row, value| row.team = value.text() },
];

/// The table, which is read row by row.
pub(super) struct Table {
    columns: Vec<&'static Column>,
    rows: Vec<Row>,
    count: usize,
    bytes: usize,
}

impl Table {
    /// The table with columns of these `names`.
    pub(super) fn with(names: &[String]) -> Result<Self, Trouble> {
        let (columns, others): (Vec<&Column>, Vec<&Column>) =
            COLUMNS.iter().partition(|column| names.iter().any(|name| name.eq_ignore_ascii_case(column.name)));
        let missing: Vec<&str> = others.iter().filter(|column| column.essential).map(|column| column.name).collect();
        if !missing.is_empty() {
            return Err(Metadata::OtherTable { missing }.into());
        }
        Ok(Self { columns, rows: Vec::new(), count: 0, bytes: 0 })
    }

    /// The query for the rows. It asks for one more than the maximum, so that too many rows are noticed.
    pub(super) fn query(&self, table: &Name, quote: char) -> String {
        let names: Vec<String> = self.columns.iter().map(|column| format!("{quote}{}{quote}", column.name)).collect();
        let most = ROWS + 1;
        let table = table.quoted(quote);
        format!("SELECT {} FROM {table} ORDER BY {quote}id{quote} LIMIT {most}", names.join(", "))
    }

    /// Adds the next row of the query.
    pub(super) fn add(&mut self, cells: Vec<Cell<'_>>) {
        self.count += 1;
        self.bytes += cells.iter().map(|cell| if let Cell::Text(text) = cell { text.len() } else { 0 }).sum::<usize>();
        if self.is_full() {
            return;
        }
        let mut row = Row::default();
        for (column, cell) in self.columns.iter().zip(cells) {
            let mut problems = std::mem::take(&mut row.problems);
            (column.put)(&mut row, Reading { name: column.name, cell, problems: &mut problems });
            row.problems = problems;
        }
        self.rows.push(row);
    }

    /// Whether there are more rows or bytes than the maximum.
    pub(super) fn is_full(&self) -> bool {
        self.count > ROWS || self.bytes > BYTES
    }

    pub(super) fn finish(self) -> Result<Vec<Row>, Trouble> {
        if self.count > ROWS {
            return Err(Trouble::TooMany);
        }
        if self.bytes > BYTES {
            return Err(Metadata::TooLarge.into());
        }
        Ok(self.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::problem::{ColumnFlaw, Problem};
    use crate::model::reason::Unusable;
    use crate::source::airflow::database::reading::LONGEST;

    const OLDEST: [&str; 9] = ["id", "conn_id", "conn_type", "host", "schema", "login", "password", "port", "extra"];

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    /// The row of these `values`. The table has `columns` besides those of every Airflow.
    fn row(columns: &[&str], values: &[(&str, Cell<'static>)]) -> Row {
        let mut table = Table::with(&names(&[&OLDEST, columns].concat())).unwrap();
        let value = |name: &str| values.iter().find(|(column, _)| *column == name).map(|(_, cell)| cell.clone());
        let cells = table.columns.iter().map(|column| value(column.name).unwrap_or(Cell::Null)).collect();
        table.add(cells);
        table.finish().unwrap().remove(0)
    }

    fn cell(text: &'static str) -> Cell<'static> {
        Cell::of(Some(text.as_bytes()))
    }

    #[test]
    fn only_columns_that_exist_are_asked_for_and_quoted() {
        let table = Table::with(&names(&[&OLDEST[..], &["is_encrypted", "TEAM_NAME", "created_at"]].concat())).unwrap();
        assert_eq!(
            table.query(&Name::new(None), '`'),
            "SELECT `id`, `conn_id`, `conn_type`, `host`, `schema`, `login`, `port`, `password`, `extra`, \
             `is_encrypted`, `team_name` FROM `connection` ORDER BY `id` LIMIT 100001"
        );
        assert_eq!(Name::new(None).columns_query('"'), "SELECT * FROM \"connection\" LIMIT 0");
        assert_eq!(Name::new(Some("a\"b")).columns_query('"'), "SELECT * FROM \"a\"\"b\".\"connection\" LIMIT 0");
        assert!(
            table.query(&Name::new(Some("air`flow")), '`').contains(" FROM `air``flow`.`connection` ORDER BY `id` ")
        );
    }

    #[test]
    fn another_program_s_table_is_told_from_airflow_s() {
        let Err(Trouble::Unusable(why)) = Table::with(&names(&["id", "host", "port", "name"])) else {
            panic!("taken for Airflow's")
        };
        let missing = vec!["conn_id", "conn_type", "schema", "login", "password", "extra"];
        assert_eq!(why, Metadata::OtherTable { missing }.into());
    }

    #[test]
    fn flags_are_read_as_each_database_writes_them_and_null_is_false() {
        for (value, expected) in [
            (Cell::Null, false),
            (cell("0"), false),
            (cell("f"), false),
            (cell("1"), true),
            (cell("t"), true),
            (cell("true"), true),
        ] {
            let row = row(&["is_encrypted", "is_extra_encrypted"], &[("is_encrypted", value.clone())]);
            assert_eq!(
                (row.is_encrypted, row.is_extra_encrypted, row.problems.len()),
                (expected, false, 0),
                "{value:?}"
            );
        }
    }

    #[test]
    fn both_names_of_the_team_are_read() {
        for column in ["team_id", "team_name"] {
            assert_eq!(row(&[column], &[(column, cell("etl"))]).team.as_deref(), Some("etl"));
        }
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_a_problem_of_its_row_and_not_quoted() {
        let long = Cell::Text("x".repeat(LONGEST + 1).into());
        let row = row(
            &["is_encrypted"],
            &[
                ("id", cell("7")),
                ("conn_id", cell("warehouse")),
                ("host", Cell::NotText),
                ("port", cell("CANARY")),
                ("extra", long),
                ("is_encrypted", cell("maybe")),
            ],
        );
        let flaws = [
            ColumnFlaw::NotText { column: "host" },
            ColumnFlaw::NotANumber { column: "port" },
            ColumnFlaw::TooLong { column: "extra" },
            ColumnFlaw::NotAFlag { column: "is_encrypted" },
        ];
        assert_eq!(row.problems, flaws.map(Problem::from));
        assert_eq!((row.id, row.conn_id.as_deref(), row.port), (7, Some("warehouse"), None));
    }

    #[test]
    fn a_table_is_bounded_in_rows_and_in_bytes() {
        let filled = |rows: usize, value: usize| {
            let mut table = Table::with(&names(&OLDEST)).unwrap();
            for _ in 0..rows {
                table.add(vec![cell("1"), Cell::Text("x".repeat(value).into())]);
            }
            table.finish().map(|rows| rows.len())
        };
        assert_eq!(filled(ROWS, 1).unwrap(), ROWS);
        assert!(matches!(filled(ROWS + 1, 1), Err(Trouble::TooMany)));
        assert!(matches!(filled(65, LONGEST), Err(Trouble::Unusable(Unusable::Metadata(Metadata::TooLarge)))));
    }
}
