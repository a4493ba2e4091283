//! Loads definitions from any source and writes them in one of Airflow's formats:
//! `convert SOURCE json|yaml|env|env-json`, secrets included.

use std::error::Error;
use std::io::{BufWriter, Write};

use connprobe::report::export::{self, ExportFormat, Secrets};
use connprobe::source::{self, Environment, Settings};
use tokio::runtime::Runtime;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(source), Some(format), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err("usage: convert SOURCE json|yaml|env|env-json".into());
    };
    let format = match format.as_str() {
        "json" => ExportFormat::Json,
        "yaml" => ExportFormat::Yaml,
        "env" => ExportFormat::Env,
        "env-json" => ExportFormat::EnvJson,
        _ => return Err("a format is json, yaml, env or env-json".into()),
    };
    let settings = Settings { environment: Environment::of_process(), ..Settings::default() };
    let loaded = Runtime::new()?.block_on(source::load(&source.parse()?, &settings.into()))?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    export::write(&mut out, format, loaded.connections.iter(), Secrets::With)?;
    Ok(out.flush()?)
}
