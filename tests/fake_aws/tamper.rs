//! Answers that are changed on their way, for tests that know better than `faults` what shall become of them.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::call::Call;
use super::faults::Misbehaviour;
use super::protocol::Reply;

/// Makes something else of an answer, or leaves it as it is.
pub type Tamper = Arc<dyn Fn(&Exchange<'_>) -> Option<Misbehaviour> + Send + Sync>;

/// A call and its answer.
pub struct Exchange<'a> {
    pub call: &'a Call,
    pub reply: &'a Reply,
    /// What the fake answers to another call.
    pub ask: &'a dyn Fn(&Call) -> Reply,
}

/// A connection that ends after so many bytes are written, once it is told to.
pub struct CutStream {
    stream: TcpStream,
    left: Arc<AtomicUsize>,
}

impl CutStream {
    /// A stream that writes on, and what holds the bytes that it may still write.
    pub fn new(stream: TcpStream) -> (Self, Arc<AtomicUsize>) {
        let left = Arc::new(AtomicUsize::new(usize::MAX));
        (Self { stream, left: Arc::clone(&left) }, left)
    }
}

impl AsyncRead for CutStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for CutStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let written = Pin::new(&mut self.stream).poll_write(context, &bytes[..bytes.len().min(left)]);
        if let Poll::Ready(Ok(count)) = written
            && left != usize::MAX
        {
            self.left.store(left - count, Ordering::Relaxed);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
