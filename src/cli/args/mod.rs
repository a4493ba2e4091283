//! The arguments as clap definitions. Their documentation comments are the help texts.

mod checking;
mod expecting;
mod managing;
mod waiting;

pub(super) use self::checking::{
    Arguments, CheckArguments, Command, CompletionsArguments, ExplainArguments, ListArguments, LoginArguments,
    ManArguments, SelectArguments, SourceArguments, StateArguments, StateCommand, StateCommandArguments,
    StoreArguments, TypesArguments,
};
pub(super) use self::expecting::ExpectArguments;
pub(super) use self::managing::{
    AddArguments, BackupArguments, ExportArguments, ExportFormat, FieldArguments, ImportArguments, ImportFormat,
    PruneLimit, RemoveArguments, StoreCommand, StoreCommandArguments,
};
pub(super) use self::waiting::WaitArguments;
