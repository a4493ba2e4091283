//! The drivers by their folders, in the order of the registry: a test program has one part of each as its modules.
//! `tests/offline/tidy.rs` holds the list to the registry.

/// Declares `NAME/PART.rs` of every driver as `NAME::PART`; with a type also `ALL`: the `OWN` of each, with its driver's name.
macro_rules! of_every_driver {
    ($part:ident $(: $own:ty)?) => {
        of_every_driver! { @ $part [$($own)?] postgres mysql mssql mongodb redis s3 http }
    };
    (@ $part:ident [] $($name:ident)*) => {
        $(pub mod $name {
            pub mod $part;
        })*
    };
    (@ $part:ident [$own:ty] $($name:ident)*) => {
        of_every_driver! { @ $part [] $($name)* }
        /// What each driver has.
        pub const ALL: &[(&str, $own)] = &[$((stringify!($name), $name::$part::OWN)),*];
    };
}
