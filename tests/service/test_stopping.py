"""Ending takes at most ten seconds, whatever hangs and however often it is asked for."""

import signal
import subprocess
import sys
import time

import httpx
import pytest

SCRIPT = """
import sys, threading, time
import httpx, uvicorn
from fastapi import FastAPI
from platestream.service import stopping
from platestream.service.web.server import Listening, listen

stopping.END_WITHIN_S = float(sys.argv[2])
app = FastAPI()

@app.get("/hang")
def hang() -> None:
    time.sleep(60)

server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
with listen(Listening(port=0)) as taken, stopping.ended_in_time() as stop:
    port = taken.getsockname()[1]
    stopping.serve_until(stop, server, taken, lambda: print(port, flush=True))
    time.sleep(float(sys.argv[1]))
    print("all is kept", flush=True)
"""

ANY_THREAD = """
import signal, threading, time
from platestream.service.stopping import ended_in_time

other = threading.Thread(target=time.sleep, args=(60,), daemon=True)
other.start()

def send() -> None:
    time.sleep(0.5)
    signal.pthread_kill(other.ident, signal.SIGTERM)

threading.Thread(target=send, daemon=True).start()
with ended_in_time() as stop:
    stop.wait()
    print("all is kept", flush=True)
"""

FROZEN = """
import logging, signal, threading, time
from platestream.service import stopping

stopping.END_WITHIN_S, stopping.KILL_AFTER_S = 0.5, 0.5
handler = logging.StreamHandler()
logging.getLogger().addHandler(handler)
handler.acquire()  # as a thread that hangs while it logs
with stopping.ended_in_time() as stop:
    signal.raise_signal(signal.SIGTERM)
    time.sleep(60)
"""


def run(work_s: float, within_s: float) -> tuple[int, str, float]:
    """Stop by two signals while a request hangs; exit code, what was said, seconds."""
    command = [sys.executable, "-c", SCRIPT, str(work_s), str(within_s)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        port = process.stdout.readline().strip()
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"http://127.0.0.1:{port}/hang", timeout=1)
        begin_s = time.monotonic()
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
            process.send_signal(each)
            time.sleep(0.2)
        code = process.wait(30)
        return code, process.stdout.read(), time.monotonic() - begin_s
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_signal_counts_whichever_thread_the_kernel_gives_it_to() -> None:
    command = [sys.executable, "-c", ANY_THREAD]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (0, "all is kept\n"), done.stderr


def test_what_cannot_end_itself_is_ended_by_the_kernel() -> None:
    begin_s = time.monotonic()
    command = [sys.executable, "-c", FROZEN]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == -signal.SIGALRM
    assert time.monotonic() - begin_s < 20


def test_a_request_that_hangs_and_more_signals_cut_nothing_off() -> None:
    code, said, took_s = run(work_s=1.0, within_s=10.0)
    assert (code, said) == (0, "all is kept\n")
    assert took_s < 8


def test_work_that_hangs_is_ended_in_time() -> None:
    code, said, took_s = run(work_s=60.0, within_s=2.0)
    assert (code, said) == (1, "")
    assert took_s < 8
