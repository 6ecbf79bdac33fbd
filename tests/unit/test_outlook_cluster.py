"""A run on a real Dask cluster: the bytes of one machine, also when workers die; clear errors, and nothing half written."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("distributed", reason="the extra cluster is not installed")

from cluster_chunks import Failing, Multiplying, Traced
from dask_cluster import DaskCluster, cluster, kill_while_it_computes, wait_until

from framsyn.cli import invoke
from framsyn.errors import PlanError
from framsyn.outlook import cluster as clusters
from framsyn.outlook import run as chain
from framsyn.outlook.cluster import Patience, check_address, map_on_cluster
from framsyn.outlook.cluster_worker import Job, compute, tools
from framsyn.outlook.run import run
from framsyn.outlook.store import write_parquet
from framsyn.region import Region

DRAWS, UNTIL = 40, 2027
SUPPORT = Path(__file__).resolve().parents[1] / "support"
PARTS = ("trusts", "areas", "places", "central", "central_areas")
WHERE_SIGSTOP = pytest.mark.skipif(
    sys.platform == "win32", reason="a process cannot be stopped and continued"
)


@pytest.fixture(scope="module")
def here(environment):
    """Return the environment of the workers: this source tree and the chunks of the tests."""
    return {**environment, "PYTHONPATH": os.pathsep.join([environment["PYTHONPATH"], str(SUPPORT)])}


@pytest.fixture(scope="module")
def two(here, tmp_path_factory):
    """Give a cluster of two workers with one thread each."""
    with cluster(tmp_path_factory.mktemp("cluster"), here, 2) as found:
        yield found


@pytest.fixture(scope="module")
def serial(midt, plan):
    """Return the run that the cluster's must equal."""
    return run(midt, plan, draws=DRAWS, until=UNTIL, executor="serial")


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(clusters, "PATIENCE", Patience(answer=2.0, workers=1.0, gone=1.0))


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def everything(outlook: Any) -> dict[Any, Any]:
    """Every number of an outlook as bytes."""
    found = {}
    for part in PARTS:
        data = getattr(outlook, part)
        for name in [*data.data_vars, *data.coords]:
            found[part, str(name)] = (data[name].dims, data[name].values.tobytes())
    return found


# ---------------------------------------------------------------- the same bytes
def test_the_command_line_writes_the_bytes_of_one_machine(two, serial, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(chain, "CHUNK", 7)
    words = ["run", "plan", "--draws", str(DRAWS), "--until", str(UNTIL)]
    assert invoke([*words, "--cluster", two.address, "--out", str(tmp_path / "cluster"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    write_parquet(serial, tmp_path / "serial")
    assert files(tmp_path / "cluster") == files(tmp_path / "serial")
    assert told["manifest"] == serial.manifest
    assert "cluster" not in told["manifest"]


@WHERE_SIGSTOP
def test_workers_that_die_midway_change_no_byte(here, midt, plan, serial, tmp_path, monkeypatch):
    """One of two is killed while it computes, then the other too: all that they held is lost, and a third finishes."""
    monkeypatch.setattr(chain, "CHUNK", 2)
    done = []
    with cluster(tmp_path / "cluster", here, 2) as found, ThreadPoolExecutor(1) as pool:
        running = pool.submit(
            run,
            midt,
            plan,
            draws=DRAWS,
            until=UNTIL,
            cluster=found.address,
            progress=lambda *at: done.append(at),
        )
        try:
            held = kill_while_it_computes(found, "a")
            before = len(done)
            wait_until(lambda: len(done) > before or running.done(), "another chunk has come")
            held += kill_while_it_computes(found, "b")
        finally:
            found.add_worker("c")
        outlook = running.result(timeout=120)
    assert len(held) >= 2
    assert done == [(number, 20) for number in range(1, 21)]
    assert everything(outlook) == everything(serial)
    assert outlook.manifest == serial.manifest
    write_parquet(outlook, tmp_path / "cluster-files")
    write_parquet(serial, tmp_path / "serial-files")
    assert files(tmp_path / "cluster-files") == files(tmp_path / "serial-files")


def test_workers_need_no_file_of_the_region(two, midt, plan, tmp_path):
    """A region in a folder that the workers cannot see, with a setting of its own."""
    shutil.copytree(midt.folder, tmp_path / "mine")
    mine = Region.load(tmp_path / "mine", bindal=False)
    usual = run(mine, plan, draws=4, until=2026, control="trust", executor="serial")
    shutil.rmtree(tmp_path / "mine")
    again = run(mine, plan, draws=4, until=2026, control="trust", cluster=two.address)
    assert everything(again) == everything(usual)
    assert again.id == usual.id


# ---------------------------------------------------------------- how chunks travel
def test_what_chunks_share_is_made_ready_once_per_worker_and_few_chunks_are_under_way(two, tmp_path):
    begun = []

    def take(_: int) -> None:
        begun.append(len(list(tmp_path.glob("begun-*"))))

    recipe = Traced(str(tmp_path), pause=0.02, ballast=os.urandom(2_000_000))
    assert map_on_cluster(recipe, range(30), two.address, consume=take) == []
    assert len(begun) == 30
    ready = (tmp_path / "ready").read_text().split()
    assert len(ready) == len(set(ready)) <= 2
    # Two threads: four chunks under way, the one that is taken included.
    assert all(count <= taken + 4 for taken, count in enumerate(begun))


def test_results_come_in_the_order_of_the_chunks_and_progress_is_told(two, tmp_path):
    told = []
    found = map_on_cluster(
        Traced(str(tmp_path), pause=0.05), range(9), two.address, progress=lambda *at: told.append(at)
    )
    assert found == [number * number for number in range(9)]
    assert told == [(number, 9) for number in range(1, 10)]


def test_two_runs_share_a_cluster(two, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with ThreadPoolExecutor(2) as pool:
        runs = [
            pool.submit(map_on_cluster, Traced(str(tmp_path / name), pause=0.02), range(12), two.address)
            for name in ("one", "two")
        ]
        assert [one.result(timeout=60) for one in runs] == [[number * number for number in range(12)]] * 2


def test_linear_algebra_has_one_thread_on_a_worker(two):
    many = map_on_cluster(Multiplying(), range(6), two.address)
    assert {(number, threads) for number, threads in many} == {(number, 1) for number in range(6)}


# ---------------------------------------------------------------- cancelling
class Stop(Exception):
    pass


def tasks(found: DaskCluster) -> int:
    """Count the tasks that the scheduler knows."""
    from distributed import Client

    with Client(found.address, set_as_default=False) as watcher:
        return int(watcher.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)))


def test_a_run_that_is_cancelled_leaves_nothing_on_the_cluster(two, tmp_path):
    def stop(done: int, total: int) -> None:
        if done == 3:
            raise Stop

    with pytest.raises(Stop):
        map_on_cluster(Traced(str(tmp_path), pause=0.05), range(40), two.address, progress=stop)
    wait_until(lambda: tasks(two) == 0, "the scheduler has forgotten the run")
    assert len(list(tmp_path.glob("begun-*"))) < 12


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent to a console there")
def test_ctrl_c_cancels_at_once_and_writes_nothing(two, environment, tmp_path):
    start = "import sys; sys.argv[0] = 'framsyn'; from framsyn.cli import main; main()"
    words = ["run", "plan", "--draws", "20000", "--cluster", two.address, "--out", str(tmp_path / "out")]
    with subprocess.Popen(
        [sys.executable, "-c", start, *words],
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.SIG_DFL
        ),  # a test in the background ignores it
    ) as process:
        wait_until(lambda: tasks(two) > 0 or process.poll() is not None, "the run has begun")
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said.decode()
    assert time.monotonic() - began < 15
    assert b"Traceback" not in said
    assert list(tmp_path.iterdir()) == []
    wait_until(lambda: tasks(two) == 0, "the scheduler has forgotten the run")


# ---------------------------------------------------------------- workers that raise
@pytest.mark.parametrize(
    ("kind", "code", "told"),
    [
        ("plan", "share-out-of-range", "share 1.3"),
        ("os", "worker-failed", r"OSError: no space left on device\). The worker's log"),
        ("time", "worker-failed", "TimeoutError: no space left on device"),
    ],
)
def test_what_a_worker_raises_is_told(two, kind, code, told):
    with pytest.raises(PlanError, match=told) as caught:
        map_on_cluster(Failing(kind), range(5), two.address)
    assert caught.value.code == code


# ---------------------------------------------------------------- clusters that cannot be used
@pytest.mark.parametrize(
    "address",
    ["", "10.0.0.5:8786", "http://10.0.0.5:8786", "tcp://10.0.0.5", "tcp://:8786", "tcp://h:0", "tcp://h:65536",
     "tcp://a b:1", "inproc://1/2/3", "tcp://h:8786/../x"],
)  # fmt: skip
def test_an_address_that_means_nothing_is_refused_before_the_run(midt, demography, address):
    with pytest.raises(PlanError, match="expected tcp://HOST:PORT") as caught:
        run(midt, demography, draws=2, until=2026, cluster=address)
    assert caught.value.code == "bad-cluster-address"


def test_addresses_that_mean_something():
    for address in ("tcp://127.0.0.1:8786", "tls://plan.example.org:8786", "tcp://[::1]:8786"):
        assert check_address(f" {address} ") == address


def test_a_cluster_has_its_own_workers(midt, demography):
    with pytest.raises(PlanError, match="Leave workers out") as caught:
        run(midt, demography, draws=2, until=2026, cluster="tcp://127.0.0.1:1", workers=2)
    assert caught.value.code == "cluster-and-workers"


@pytest.mark.parametrize("listens", [False, True], ids=["nobody", "somebody who says nothing"])
def test_an_address_that_nobody_answers(impatient, listens, capsys):
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        if listens:
            door.listen()
        address = f"tcp://127.0.0.1:{door.getsockname()[1]}"
        began = time.monotonic()
        assert invoke(["run", "demography", "--draws", "2", "--until", "2026", "--cluster", address]) == 2
        assert time.monotonic() - began < 20
    told = capsys.readouterr().err
    assert "no scheduler answers there within 2 s" in " ".join(told.split())
    assert "Traceback" not in told


def test_the_extra_is_named_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(PlanError, match=r"pip install 'framsyn\[cluster\]'") as caught:
        map_on_cluster(Failing("plan"), range(2), "tcp://127.0.0.1:1")
    assert caught.value.code == "extra-missing"


def test_workers_that_are_not_alike_are_refused_before_the_run(here, impatient, tmp_path):
    """First nobody, then one with another library, then one without Framsyn."""
    other = tmp_path / "other"
    (other / "llvmlite-0.1.dist-info").mkdir(parents=True)
    (other / "llvmlite-0.1.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: llvmlite\nVersion: 0.1\n"
    )
    without = tmp_path / "without"
    without.mkdir()
    (without / "framsyn.py").write_text("raise ModuleNotFoundError(\"No module named 'framsyn'\")\n")
    trace = tmp_path / "trace"
    trace.mkdir()

    def refused() -> PlanError:
        with pytest.raises(PlanError) as caught:
            map_on_cluster(Traced(str(trace)), range(3), found.address)
        return caught.value

    with cluster(tmp_path / "cluster", here, 0) as found:
        error = refused()
        assert error.code == "cluster-without-workers"
        assert f"dask worker {found.address}" in error.message
        for name, folder in (("other", other), ("without", without)):
            found.add_worker(name, PYTHONPATH=os.pathsep.join([str(folder), here["PYTHONPATH"]]), wait=False)
        found.wait_for("other")
        found.wait_for("without")
        error = refused()
        assert error.code == "workers-differ"
        assert f"has llvmlite 0.1, here it is {tools()['llvmlite']}" in error.message
        assert "cannot say what it computes with" in error.message
        assert "ModuleNotFoundError" in error.message
        assert "from the same lock" in error.message
    assert list(trace.iterdir()) == []


def test_a_worker_that_joins_later_and_is_not_alike_computes_nothing(tmp_path):
    """Checked where the job is made ready too, for at the start it was not there to be asked."""
    job = Job("later", b"", {**tools(), "vector instructions": "SSE2"})
    with pytest.raises(PlanError, match="Processors that compute alike") as caught:
        compute(job, 1)
    assert caught.value.code == "workers-differ"


def test_when_all_workers_die_old_results_stay(here, impatient, tmp_path, capsys, monkeypatch):
    """And when the scheduler dies as well: an error within the time, nothing half written."""
    out = tmp_path / "out" / "plan"
    words = ["run", "demography", "--until", "2026", "--out", str(out)]
    assert invoke([*words, "--draws", "5"]) == 0
    before = files(tmp_path / "out")
    monkeypatch.setattr(chain, "CHUNK", 2)
    with cluster(tmp_path / "cluster", here, 1) as found:
        real = clusters.gather
        ends = iter([lambda: found.kill("a"), found.scheduler.kill])

        def cut_off(*words: Any) -> Iterator[Any]:
            end = next(ends)
            for number, result in enumerate(real(*words)):
                yield result
                if number == 1:
                    end()

        monkeypatch.setattr(clusters, "gather", cut_off)
        for told in ("all workers are gone", "the scheduler no longer answers"):
            capsys.readouterr()
            assert invoke([*words, "--draws", "60", "--cluster", found.address]) == 2
            assert told in " ".join(capsys.readouterr().err.split())
            assert files(tmp_path / "out") == before
            if told == "all workers are gone":
                found.add_worker("a")


# ---------------------------------------------------------------- TLS
def certificate(folder: Path) -> dict[str, str]:
    """Write a key and a certificate that vouches for itself, and return Dask's settings for them."""
    import datetime

    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cluster of a test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(key.private_bytes(pem, plain, serialization.NoEncryption()))
    (folder / "certificate.pem").write_bytes(made.public_bytes(pem))
    prefix = "DASK_DISTRIBUTED__COMM__TLS__"
    found = {f"{prefix}CA_FILE": str(folder / "certificate.pem")}
    for role in ("CLIENT", "SCHEDULER", "WORKER"):
        found[f"{prefix}{role}__CERT"] = str(folder / "certificate.pem")
        found[f"{prefix}{role}__KEY"] = str(folder / "key.pem")
    return found


def test_tls_takes_keys_and_certificates_from_dasks_own_configuration(here, tmp_path, impatient):
    import dask

    settings = certificate(tmp_path)
    (tmp_path / "trace").mkdir()
    recipe = Traced(str(tmp_path / "trace"))
    with cluster(tmp_path / "cluster", {**here, **settings}, 1, scheme="tls") as found:
        assert found.address.startswith("tls://")
        with pytest.raises(PlanError, match=r"distributed\.comm\.tls") as caught:
            map_on_cluster(recipe, range(3), found.address)
        assert caught.value.code == "cluster-unreachable"
        with pytest.raises(PlanError, match="started with TLS needs tls://"):
            map_on_cluster(recipe, range(3), found.address.replace("tls", "tcp"))
        keys = {
            name.removeprefix("DASK_").lower().replace("__", ".").replace("_", "-"): at
            for name, at in settings.items()
        }
        with dask.config.set(keys):
            assert map_on_cluster(recipe, range(3), found.address) == [0, 1, 4]
