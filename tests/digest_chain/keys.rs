//! RSA keys, made for the test run: the same ones in each, and of no use elsewhere.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock};

use md5::{Digest as _, Md5};
use num_bigint::BigUint;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

use super::hexadecimal;

/// Of the modulus.
const BITS: u64 = 2048;
/// Of a prime.
const BYTES: usize = 128;
const EXPONENT: u32 = 65_537;

/// A key pair as CloudTrail has one in each region.
pub struct SigningKey {
    pair: RsaKeyPair,
    /// DER, PKCS#1: what `ListPublicKeys` gives as `Value`.
    pub value: Vec<u8>,
}

impl SigningKey {
    /// The MD5 of the public key.
    pub fn fingerprint(&self) -> String {
        hexadecimal(&Md5::digest(&self.value))
    }

    /// The signature as hexadecimal digits.
    pub fn sign(&self, text: &[u8]) -> String {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        let random = SystemRandom::new();
        self.pair.sign(&RSA_PKCS1_SHA256, &random, text, &mut signature).expect("a signature");
        hexadecimal(&signature)
    }

    /// The public key as `SubjectPublicKeyInfo`.
    pub fn subject_public_key_info(&self) -> Vec<u8> {
        let rsa = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
        let bits = [&[0], &*self.value].concat();
        sequence(&[element(0x30, &rsa), element(0x03, &bits)])
    }

    fn generate(name: &str) -> Self {
        let seed =
            name.bytes().fold(0x7ea1, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
        let mut random = fastrand::Rng::with_seed(seed);
        let (one, exponent) = (BigUint::from(1u32), BigUint::from(EXPONENT));
        loop {
            let (first, second) = (prime(&mut random), prime(&mut random));
            let (p, q) = if first > second { (first, second) } else { (second, first) };
            let modulus = &p * &q;
            let totient = (&p - &one) * (&q - &one);
            let (Some(d), true) = (exponent.modinv(&totient), modulus.bits() == BITS) else { continue };
            let Some(coefficient) = q.modinv(&p) else { continue };
            let numbers = [
                &BigUint::ZERO,
                &modulus,
                &exponent,
                &d,
                &p,
                &q,
                &(&d % (&p - &one)),
                &(&d % (&q - &one)),
                &coefficient,
            ];
            let private = sequence(&numbers.map(integer));
            let pair = RsaKeyPair::from_der(&private).expect("a sound key");
            return Self { pair, value: sequence(&[integer(&modulus), integer(&exponent)]) };
        }
    }
}

/// The key of a region, made when it is first asked for.
pub fn of_region(region: &str) -> Arc<SigningKey> {
    type Keys = Mutex<BTreeMap<String, Arc<OnceLock<Arc<SigningKey>>>>>;
    static KEYS: LazyLock<Keys> = LazyLock::new(Mutex::default);
    let key = Arc::clone(KEYS.lock().expect("no panic").entry(region.to_owned()).or_default());
    Arc::clone(key.get_or_init(|| Arc::new(SigningKey::generate(region))))
}

fn prime(random: &mut fastrand::Rng) -> BigUint {
    let small: Vec<u32> =
        (3..2000u32).filter(|n| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0)).collect();
    loop {
        let mut bytes = [0; BYTES];
        random.fill(&mut bytes);
        // Both highest bits, so that a product of two has all its bits; odd.
        bytes[0] |= 0xc0;
        bytes[BYTES - 1] |= 1;
        let candidate = BigUint::from_bytes_be(&bytes);
        if small.iter().all(|prime| &candidate % prime != BigUint::ZERO) && is_prime(&candidate, random) {
            return candidate;
        }
    }
}

/// Miller and Rabin's test, often enough for a random candidate of this size.
fn is_prime(candidate: &BigUint, random: &mut fastrand::Rng) -> bool {
    let one = BigUint::from(1u32);
    let less = candidate - &one;
    let twos = less.trailing_zeros().unwrap_or_default();
    let odd = &less >> twos;
    (0..8).all(|_| {
        let base = BigUint::from(random.u64(2..));
        let mut power = base.modpow(&odd, candidate);
        if power == one || power == less {
            return true;
        }
        (1..twos).any(|_| {
            power = power.modpow(&BigUint::from(2u32), candidate);
            power == less
        })
    })
}

fn integer(number: &BigUint) -> Vec<u8> {
    let mut bytes = number.to_bytes_be();
    // The highest bit is the sign.
    if bytes[0] & 0x80 != 0 {
        bytes.insert(0, 0);
    }
    element(0x02, &bytes)
}

fn sequence(elements: &[Vec<u8>]) -> Vec<u8> {
    element(0x30, &elements.concat())
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("short").to_be_bytes();
    let header = match length {
        [0, low @ 0..=0x7f] => vec![tag, low],
        [0, low] => vec![tag, 0x81, low],
        [high, low] => vec![tag, 0x82, high, low],
    };
    [&header, content].concat()
}
