//! No files of different folders import each other in a circle. Files of one folder may: a folder is one idea.
//!
//! Only `use` declarations are read. A re-export leads to the file that it names; a `mod.rs`, which declares and
//! re-exports, is no file of its own here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A module by its path from the root of the crate.
type Module = Vec<String>;

struct House {
    files: BTreeMap<Module, PathBuf>,
    /// What a module re-exports, by the name there.
    exported: BTreeMap<(Module, String), Module>,
    imported: BTreeMap<Module, Vec<Module>>,
}

impl House {
    fn read() -> Self {
        let mut house = Self { files: BTreeMap::new(), exported: BTreeMap::new(), imported: BTreeMap::new() };
        house.walk(Path::new("src"), &Vec::new());
        for (module, path) in house.files.clone() {
            let text = fs::read_to_string(path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            for (is_exported, import) in imports(code) {
                let Some(target) = absolute(&module, &import) else { continue };
                if is_exported && let Some(name) = target.last() {
                    house.exported.insert((module.clone(), name.clone()), target.clone());
                }
                house.imported.entry(module.clone()).or_default().push(target);
            }
        }
        house
    }

    fn walk(&mut self, directory: &Path, module: &Module) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let inner = || module.iter().cloned().chain([name.clone()]).collect();
            if path.is_dir() && name != "tests" {
                self.walk(&path, &inner());
            } else if name != "tests" && path.extension().is_some_and(|extension| extension == "rs") {
                let is_face = ["mod", "lib", "main"].contains(&name.as_str());
                self.files.insert(if is_face { module.clone() } else { inner() }, path);
            }
        }
    }

    fn is_face(&self, module: &Module) -> bool {
        ["mod.rs", "lib.rs", "main.rs"].iter().any(|face| self.files[module].ends_with(face))
    }

    /// The file that an import of `target` comes from.
    fn origin(&self, target: &Module, depth: usize) -> Option<Module> {
        for length in (1..=target.len()).rev() {
            let module = target[..length].to_vec();
            if !self.files.contains_key(&module) {
                continue;
            }
            if let Some(name) = target.get(length).filter(|_| depth > 0)
                && let Some(real) = self.exported.get(&(module.clone(), name.clone()))
            {
                let real: Module = real.iter().chain(&target[length + 1..]).cloned().collect();
                if let Some(origin) = self.origin(&real, depth - 1) {
                    return Some(origin);
                }
            }
            return Some(module);
        }
        None
    }

    /// Which files each file imports from.
    fn arrows(&self) -> BTreeMap<Module, BTreeSet<Module>> {
        let files = self.imported.iter().filter(|(module, _)| !self.is_face(module));
        let arrows = files.map(|(module, targets)| {
            let origins = targets.iter().filter_map(|target| self.origin(target, 8));
            (module.clone(), origins.filter(|origin| origin != module && !self.is_face(origin)).collect())
        });
        arrows.collect()
    }
}

/// Each `use` of `code`, spelled out, and whether it is a re-export.
fn imports(code: &str) -> Vec<(bool, String)> {
    let mut found = Vec::new();
    for part in code.split(';') {
        let Some((before, tree)) = part.rsplit_once("use ") else { continue };
        let start = before.rsplit('\n').next().unwrap().trim();
        if start.is_empty() || start.starts_with("pub") {
            found.extend(spelled_out(tree).into_iter().map(|import| (start.starts_with("pub"), import)));
        }
    }
    found
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d`, `a::c::e`.
fn spelled_out(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((beginning, rest)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap().to_owned()];
    };
    let inner = rest.trim_end().strip_suffix('}').unwrap_or(rest);
    let (mut depth, mut branch, mut all) = (0, String::new(), Vec::new());
    for character in inner.chars().chain([',']) {
        match character {
            ',' if depth == 0 => {
                let branches = spelled_out(&branch).into_iter().filter(|name| !name.is_empty());
                all.extend(branches.map(|name| format!("{beginning}{name}")));
                branch.clear();
                continue;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        branch.push(character);
    }
    all
}

/// What `import` in `module` names, from the root of this crate; `None` for another crate.
fn absolute(module: &Module, import: &str) -> Option<Module> {
    let mut base = module.clone();
    let mut parts = import.split("::").peekable();
    match *parts.peek()? {
        "crate" => {
            base.clear();
            parts.next();
        }
        "self" | "super" => {
            while let Some(step) = parts.next_if(|part| ["self", "super"].contains(part)) {
                if step == "super" {
                    base.pop();
                }
            }
        }
        _ => return None,
    }
    Some(base.into_iter().chain(parts.map(str::to_owned)).collect())
}

/// What can be reached from `start`.
fn reached(arrows: &BTreeMap<Module, BTreeSet<Module>>, start: &Module) -> BTreeSet<Module> {
    let (mut seen, mut next) = (BTreeSet::new(), vec![start]);
    while let Some(module) = next.pop() {
        for other in arrows.get(module).into_iter().flatten() {
            if seen.insert(other.clone()) {
                next.push(other);
            }
        }
    }
    seen
}

#[test]
fn no_files_of_different_folders_import_each_other_in_a_circle() {
    let house = House::read();
    let arrows = house.arrows();
    assert!(arrows.values().map(BTreeSet::len).sum::<usize>() > 1_000, "most imports were not read");
    let all: BTreeMap<&Module, BTreeSet<Module>> =
        arrows.keys().map(|module| (module, reached(&arrows, module))).collect();
    let folder = |module: &Module| house.files[module].parent().unwrap().to_owned();
    let mut circles = BTreeSet::new();
    for (module, others) in &all {
        for other in others.iter().filter(|other| all.get(other).is_some_and(|back| back.contains(*module))) {
            if folder(module) < folder(other) {
                circles.insert(format!("{} and {}", house.files[*module].display(), house.files[other].display()));
            }
        }
    }
    assert!(circles.is_empty(), "{circles:#?}");
}
