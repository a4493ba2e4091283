//! The drivers by their folders, in the order of the registry. A test program includes one or several parts of each
//! driver as modules. `tests/offline/tidy.rs` compares the list with the registry.

/// Declares `NAME/PART.rs` of every driver as `NAME::PART`, for each part. If the first part has a type, also declares
/// `ALL`: the name of each driver with that part's `OWN`.
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
        /// The name and the `OWN` of each driver.
        pub const ALL: &[(&str, $own)] = &[$((stringify!($name), $name::$first::OWN)),*];
    };
    (@parts [$($part:ident)*]) => {
        $(pub mod $part;)*
    };
}
