//! The values that the usual client of a type accepts for an option, and their descriptions.

/// The values that a client accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// A whole number.
    Number,
    /// A whole number that is at least this.
    NumberFrom(i64),
    /// A whole number between these two.
    NumberBetween(i64, i64),
    /// A whole number above 0, or -1.
    Staleness,
    /// A whole number from -1 to 9.
    CompressionLevel,
    /// A time above 0, in milliseconds.
    TimeAboveZero,
    /// A time, in milliseconds.
    Time,
    /// A time above 0, in seconds.
    SecondsAboveZero,
    /// A time, in seconds.
    Seconds,
    /// One of these words, ignoring case.
    AnyCase(&'static [&'static str]),
    /// One of these words, as written.
    OneOf(&'static [&'static str]),
    /// True or false.
    Flag,
    /// A text.
    Text,
    /// A text without a line end.
    OneLine,
    /// A text that is not empty.
    FilledText,
    /// A text of at most this number of bytes.
    ShortText(usize),
    /// A text, or a list of texts.
    Texts,
    /// An object.
    Object,
    /// An object with no other keys than these.
    ObjectOf(&'static [&'static str]),
    /// Absent, unless hosts are looked up by SRV records.
    AbsentWithoutSrv,
    /// Absent, if a server other than AWS is given.
    AbsentAtEndpoint,
}

impl Taken {
    /// The text to follow "must be".
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Number => "a whole number".to_owned(),
            Self::NumberFrom(least) => format!("a whole number of {least} or more"),
            Self::NumberBetween(least, most) => format!("a whole number from {least} to {most}"),
            Self::Staleness => "a whole number above 0, or -1".to_owned(),
            Self::CompressionLevel => "a whole number from -1 to 9".to_owned(),
            Self::TimeAboveZero => "a number of milliseconds above 0".to_owned(),
            Self::Time => "a number of milliseconds, 0 or more".to_owned(),
            Self::SecondsAboveZero => "a number of seconds above 0, without quotes".to_owned(),
            Self::Seconds => "a number of seconds, 0 or more".to_owned(),
            Self::AnyCase(words) => format!("one of {}", words.join(", ")),
            Self::OneOf(words) => format!("one of {}, written so", words.join(", ")),
            Self::Flag => "true or false, without quotes".to_owned(),
            Self::Text => "a text".to_owned(),
            Self::OneLine => "a text without a line end".to_owned(),
            Self::FilledText => "a text that is not empty".to_owned(),
            Self::ShortText(most) => format!("a text of {most} bytes at most"),
            Self::Texts => "a text or a list of texts".to_owned(),
            Self::Object => "an object".to_owned(),
            Self::ObjectOf(keys) => format!("an object with no other keys than {}", keys.join(", ")),
            Self::AbsentWithoutSrv => "absent where the hosts are not looked up (`srv`)".to_owned(),
            Self::AbsentAtEndpoint => "absent where the definition names an endpoint of its own".to_owned(),
        }
    }
}
