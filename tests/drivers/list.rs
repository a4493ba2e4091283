//! The drivers by their folders, in the order of the registry: a test program has one part of each, or several, as its
//! modules. `tests/offline/tidy.rs` holds the list to the registry.

/// Declares `NAME/PART.rs` of every driver as `NAME::PART`, for each part; where the first has a type also `ALL`: the `OWN` of
/// each, with its driver's name.
macro_rules! of_every_driver {
    ($first:ident $(: $own:ty)? $(, $part:ident)*) => {
        of_every_driver! { @ [$first $($part)*] $first [$($own)?] postgres mysql mssql mongodb redis s3 http }
    };
    (@ $parts:tt $first:ident [] $($name:ident)*) => {
        $(pub mod $name {
            of_every_driver! { @parts $parts }
        })*
    };
    (@ $parts:tt $first:ident [$own:ty] $($name:ident)*) => {
        of_every_driver! { @ $parts $first [] $($name)* }
        /// What each driver has.
        pub const ALL: &[(&str, $own)] = &[$((stringify!($name), $name::$first::OWN)),*];
    };
    (@parts [$($part:ident)*]) => {
        $(pub mod $part;)*
    };
}
