//! Documents that carry the digest of what they say, so that no change to them goes unnoticed.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::model::hexadecimal;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed<T> {
    sha256: String,
    content: T,
}

/// The document, and its digest.
pub(super) fn seal<T: Serialize>(content: &T) -> serde_json::Result<(Vec<u8>, String)> {
    let text = serde_json::to_string(content)?;
    let sha256 = hexadecimal(&Sha256::digest(&text));
    Ok((format!("{{\"sha256\":\"{sha256}\",\"content\":{text}}}\n").into_bytes(), sha256))
}

/// What the document says, and its digest; or what is wrong with it.
pub(super) fn open<T: Serialize + DeserializeOwned>(document: &[u8]) -> Result<(T, String), String> {
    let Sealed { sha256, content } =
        serde_json::from_slice::<Sealed<T>>(document).map_err(|error| error.to_string())?;
    match seal(&content) {
        Ok((whole, digest)) if whole == document && digest == sha256 => Ok((content, sha256)),
        Ok(_) => Err("it was changed after it was written".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
