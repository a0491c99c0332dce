//! Keys: what is derived from a shared secret, and what names a long-term key.

use otr_protocol::Fingerprint;
use otr_protocol::keys::{AkeKeys, DataKeys, decode_public_key, encode_public_key, secret_bytes};
use otr_protocol::wire::{Reader, Writer};
use otr_traits::Backend;

use super::{Corpus, Exchange, NAME, element, unusable};
use crate::{Case, Unusable, Vectors};

/// Keys from shared secrets (CONST-04 … CONST-07), public keys and fingerprints (KEY-01, KEY-02).
pub(crate) fn cases(backend: &dyn Backend, vectors: &Vectors) -> Result<Vec<Case>, Unusable> {
    let corpus: Corpus = vectors.corpus(NAME)?;
    let mut cases = Vec::new();
    for (index, exchange) in corpus.dh.iter().enumerate() {
        cases.push(derived(backend, index, exchange)?);
    }
    for (name, key) in &corpus.keys {
        let mut case = Case::new(format!("{NAME}/{name}/public"));
        let public = key.dsa.public().map_err(unusable)?;
        let mut writer = Writer::default();
        encode_public_key(&public, &mut writer);
        case.bytes("PUBKEY", &key.pubkey.0, writer.as_slice());
        case.equal(
            "PUBKEY read again",
            &Ok(&public),
            &decode_public_key(&mut Reader::new(&key.pubkey.0)).as_ref(),
        );
        let fingerprint = Fingerprint::of(&public, backend).map_err(unusable)?;
        case.bytes("fingerprint", &key.fingerprint.0, fingerprint.as_bytes());
        case.equal("fingerprint as people read it", &key.human, &fingerprint.to_string());
        cases.push(case);
    }
    Ok(cases)
}

fn derived(backend: &dyn Backend, index: usize, exchange: &Exchange) -> Result<Case, Unusable> {
    let mut case = Case::new(format!("{NAME}/keys/{index}"));
    let (gx, gy, s) = (element(&exchange.gx)?, element(&exchange.gy)?, element(&exchange.s)?);
    case.bytes("secbytes", &exchange.secbytes.0, secret_bytes(&s).as_slice());

    let keys = AkeKeys::derive(backend, &s).map_err(unusable)?;
    case.bytes("ssid", &exchange.ssid.0, keys.session_id.as_bytes());
    case.bytes("c", &exchange.c.0, keys.reveal.c.expose());
    case.bytes("m1", &exchange.m1.0, keys.reveal.m1.expose());
    case.bytes("m2", &exchange.m2.0, keys.reveal.m2.expose());
    case.bytes("c'", &exchange.cp.0, keys.signature.c.expose());
    case.bytes("m1'", &exchange.m1p.0, keys.signature.m1.expose());
    case.bytes("m2'", &exchange.m2p.0, keys.signature.m2.expose());

    let ours = DataKeys::derive(backend, &gx, &gy, &s).map_err(unusable)?;
    case.bytes("sending AES key", &exchange.x_send_aes.0, ours.sending_aes.expose());
    case.bytes("sending MAC key", &exchange.x_send_mac.0, ours.sending_mac.expose());
    case.bytes("receiving AES key", &exchange.x_recv_aes.0, ours.receiving_aes.expose());
    case.bytes("receiving MAC key", &exchange.x_recv_mac.0, ours.receiving_mac.expose());
    case.bytes("extra key", &exchange.extra.0, ours.extra.expose());
    let theirs = DataKeys::derive(backend, &gy, &gx, &s).map_err(unusable)?;
    case.bytes("the peer's sending AES key", &exchange.x_recv_aes.0, theirs.sending_aes.expose());
    case.bytes("the peer's receiving AES key", &exchange.x_send_aes.0, theirs.receiving_aes.expose());
    Ok(case)
}
