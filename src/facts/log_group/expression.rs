//! Selection criteria of CloudWatch: `KEY OPERATOR VALUE`, joined by `AND` and `OR`. See [`super`].
//!
//! "Cross-account cross-Region log centralization" of the CloudWatch Logs user guide and `LogGroupConfiguration` of the
//! CloudWatch Observability Access Manager API reference (read 2026-11-28): `=`, `!=`, `IN`, `NOT IN`, `LIKE`, `NOT LIKE`,
//! texts in quotation marks. Neither says which of `AND` and `OR` binds closer, and neither knows parentheses around terms.
//! What else stands there is not understood.

/// How a key is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    /// It is one of the values.
    In,
    /// It begins as the value does, which ends with `%`.
    Like,
}

/// `KEY OPERATOR VALUE`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Term<'a> {
    /// The key as it is written.
    pub(super) key: &'a str,
    negated: bool,
    operator: Operator,
    /// The values that are listed, or the text before `%`.
    values: Vec<&'a str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    And,
    Or,
}

/// Terms in order, and what stands between them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expression<'a> {
    terms: Vec<Term<'a>>,
    joints: Vec<Joint>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Text(&'a str),
    Sign(&'static str),
}

impl Token<'_> {
    fn is_word(&self, wanted: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(wanted))
    }
}

const SIGNS: [&str; 7] = ["!=", "=", "(", ")", "[", "]", ","];

fn tokens(mut text: &str) -> Option<Vec<Token<'_>>> {
    let mut tokens = Vec::new();
    loop {
        text = text.trim_start();
        let Some(first) = text.chars().next() else { return Some(tokens) };
        if let Some((sign, rest)) = SIGNS.iter().find_map(|sign| Some((*sign, text.strip_prefix(sign)?))) {
            tokens.push(Token::Sign(sign));
            text = rest;
        } else if first == '\'' || first == '"' {
            let (inside, rest) = text.strip_prefix(first)?.split_once(first)?;
            tokens.push(Token::Text(inside));
            text = rest;
        } else {
            let is_part = |letter: char| letter.is_ascii_alphanumeric() || "@._-".contains(letter);
            let end = text.find(|letter| !is_part(letter)).unwrap_or(text.len());
            let (word, rest) = text.split_at(end);
            if word.is_empty() {
                return None;
            }
            tokens.push(Token::Word(word));
            text = rest;
        }
    }
}

impl<'a> Expression<'a> {
    /// `None` for what is not understood.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let tokens = tokens(text)?;
        let mut rest = tokens.as_slice();
        let (mut terms, mut joints) = (Vec::new(), Vec::new());
        loop {
            let (term, after) = Term::parse(rest)?;
            terms.push(term);
            let Some((joint, after)) = after.split_first() else { return Some(Self { terms, joints }) };
            joints.push(match joint {
                joint if joint.is_word("AND") => Joint::And,
                joint if joint.is_word("OR") => Joint::Or,
                _ => return None,
            });
            rest = after;
        }
    }

    /// Whether it holds, by what holds of its terms; `None` where that is not known, or hangs on which of `AND` and `OR`
    /// binds closer.
    pub(super) fn holds(&self, of: impl Fn(&Term<'a>) -> Option<bool>) -> Option<bool> {
        let truths: Vec<Option<bool>> = self.terms.iter().map(of).collect();
        let tight_and = self.grouped(&truths, Joint::And);
        let tight_or = self.grouped(&truths, Joint::Or);
        (tight_and == tight_or && tight_and == self.in_order(&truths)).then_some(tight_and).flatten()
    }

    /// Groups of terms that the tight joint joins, joined by the other.
    fn grouped(&self, truths: &[Option<bool>], tight: Joint) -> Option<bool> {
        let loose = if tight == Joint::And { Joint::Or } else { Joint::And };
        let mut truths = truths.iter().copied();
        let mut group = truths.next().flatten();
        let mut groups = Vec::new();
        for (joint, truth) in self.joints.iter().zip(truths) {
            if *joint == tight {
                group = join(tight, group, truth);
            } else {
                groups.push(group);
                group = truth;
            }
        }
        groups.into_iter().fold(group, |all, one| join(loose, all, one))
    }

    fn in_order(&self, truths: &[Option<bool>]) -> Option<bool> {
        let mut truths = truths.iter().copied();
        let first = truths.next().flatten();
        self.joints.iter().zip(truths).fold(first, |so_far, (joint, truth)| join(*joint, so_far, truth))
    }
}

/// What decides stands, whatever is not known besides.
fn join(joint: Joint, one: Option<bool>, other: Option<bool>) -> Option<bool> {
    let decisive = joint == Joint::Or;
    match (one, other) {
        (Some(truth), _) | (_, Some(truth)) if truth == decisive => Some(decisive),
        (Some(_), Some(_)) => Some(!decisive),
        _ => None,
    }
}

impl<'a> Term<'a> {
    fn parse<'b>(tokens: &'b [Token<'a>]) -> Option<(Self, &'b [Token<'a>])> {
        let (Token::Word(key), rest) = tokens.split_first()? else { return None };
        let (negated, rest) = match rest.split_first()? {
            (word, after) if word.is_word("NOT") => (true, after),
            _ => (false, rest),
        };
        let (operator, rest) = rest.split_first()?;
        let term = |negated, operator, values| Self { key, negated, operator, values };
        match operator {
            Token::Sign(sign @ ("=" | "!=")) if !negated => {
                let (value, rest) = text(rest)?;
                Some((term(*sign == "!=", Operator::In, vec![value]), rest))
            }
            word if word.is_word("IN") => {
                let (values, rest) = list(rest)?;
                Some((term(negated, Operator::In, values), rest))
            }
            word if word.is_word("LIKE") => {
                let (value, rest) = text(rest)?;
                let prefix = value.strip_suffix('%').filter(|prefix| !prefix.contains('%'))?;
                Some((term(negated, Operator::Like, vec![prefix]), rest))
            }
            _ => None,
        }
    }

    /// It says `LIKE` or `NOT LIKE`.
    pub(super) fn is_prefix(&self) -> bool {
        self.operator == Operator::Like
    }

    /// It says `=` or `IN`.
    pub(super) fn lists(&self) -> bool {
        self.operator == Operator::In && !self.negated
    }

    /// Its values.
    pub(super) fn values(&self) -> &[&'a str] {
        &self.values
    }

    /// Whether it holds of a key with this value; `None` where the pages do not say.
    pub(super) fn holds_of(&self, own: &str) -> Option<bool> {
        let matches = match self.operator {
            Operator::In => self.values.contains(&own),
            Operator::Like => {
                self.values.iter().try_fold(false, |any, prefix| Some(any | begins(own, prefix)?))?
            }
        };
        Some(matches != self.negated)
    }
}

/// Whether a name begins so. Elsewhere `_` stands for any letter, and it is usual in names: what hangs on that is not
/// known.
fn begins(own: &str, prefix: &str) -> Option<bool> {
    if own.starts_with(prefix) {
        return Some(true);
    }
    let mut letters = own.chars();
    let might = prefix.chars().all(|wanted| letters.next().is_some_and(|own| wanted == own || wanted == '_'));
    (!might).then_some(false)
}

fn text<'a, 'b>(tokens: &'b [Token<'a>]) -> Option<(&'a str, &'b [Token<'a>])> {
    match tokens.split_first()? {
        (Token::Text(text), rest) => Some((text, rest)),
        _ => None,
    }
}

fn list<'a, 'b>(tokens: &'b [Token<'a>]) -> Option<(Vec<&'a str>, &'b [Token<'a>])> {
    let (open, mut rest) = tokens.split_first()?;
    let close = match open {
        Token::Sign("(") => ")",
        Token::Sign("[") => "]",
        _ => return None,
    };
    let mut values = Vec::new();
    loop {
        let (value, after) = text(rest)?;
        values.push(value);
        match after.split_first()? {
            (Token::Sign(","), after) => rest = after,
            (Token::Sign(sign), after) if *sign == close => return Some((values, after)),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Expression;

    fn of_name(expression: &str, name: &str) -> Option<bool> {
        Expression::parse(expression)?
            .holds(|term| (term.key == "LogGroupName").then(|| term.holds_of(name))?)
    }

    #[test]
    fn what_is_documented_is_understood() {
        let name = "/aws/rds/instance/orders/audit";
        for (expression, expected) in [
            ("LogGroupName = '/aws/rds/instance/orders/audit'", Some(true)),
            ("LogGroupName != '/aws/rds/instance/orders/audit'", Some(false)),
            ("LogGroupName LIKE '/aws/rds/%'", Some(true)),
            ("LogGroupName NOT LIKE '/aws/rds/%'", Some(false)),
            ("LogGroupName LIKE '/AWS/rds/%'", Some(false)),
            ("LogGroupName LIKE '%'", Some(true)),
            ("LogGroupName LIKE '/aws_rds/%'", None),
            ("LogGroupName LIKE '/aws/x_y/%'", Some(false)),
            ("LogGroupName LIKE '%audit'", None),
            ("LogGroupName LIKE '/aws/rds'", None),
            ("LogGroupName IN ('a', '/aws/rds/instance/orders/audit')", Some(true)),
            ("LogGroupName not in ('a' , 'b')", Some(true)),
            ("LogGroupName IN ()", None),
            ("LogGroupName IN ('a'", None),
            ("LogGroupName IN ('a']", None),
            ("LogGroupName = 'a OR b' OR LogGroupName LIKE '/aws%'", Some(true)),
            ("LogGroupName = 'a' AND LogGroupName LIKE '/aws%'", Some(false)),
            ("LogGroupName = a", None),
            ("NOT LogGroupName = 'a'", None),
            ("(LogGroupName = 'a')", None),
            ("LogGroupName = 'a' XOR LogGroupName = 'b'", None),
            ("LogGroupName = 'a' OR", None),
            ("LogGroupName MATCHES 'a'", None),
            ("", None),
            ("*", None),
        ] {
            assert_eq!(of_name(expression, name), expected, "{expression}");
        }
    }

    #[test]
    fn a_term_that_decides_stands_and_an_order_that_decides_is_not_known() {
        for (expression, expected) in [
            ("Other = 'x' OR LogGroupName = 'a'", Some(true)),
            ("Other = 'x' AND LogGroupName = 'a'", None),
            ("Other = 'x' AND LogGroupName = 'b'", Some(false)),
            // True if `AND` binds closer, false if `OR` does.
            ("LogGroupName = 'a' OR LogGroupName = 'a' AND LogGroupName = 'b'", None),
            ("LogGroupName = 'a' OR LogGroupName = 'b' AND LogGroupName = 'a'", Some(true)),
            ("LogGroupName = 'b' AND LogGroupName = 'a' OR LogGroupName = 'a'", None),
        ] {
            assert_eq!(of_name(expression, "a"), expected, "{expression}");
        }
    }
}
