"""The code location of the test jobs: the same work under the same names as the fixture DAGs of the Airflows."""

import itertools
import logging
import sys

import dagster as dg

from runtime import RUNTIME_TAG, conf_resource, guard, run_command

GUARDED = {RUNTIME_TAG: "1"}
TAGS = {**GUARDED, "conformance": ""}
# dagster.yaml lets no run with this tag begin, so that runs of these jobs wait for ever and cost nothing.
HELD = {"airfleet/hold": "1"}
RESOURCES = {"airfleet": conf_resource}
# One process per run: two cores start these jobs in seconds.
QUICK = dg.in_process_executor
# One process per step and try, each with its own log.
APART = dg.multiprocess_executor.configured({"max_concurrent": 2})
BIG_LOG_LINES = 20_000


numbering = itertools.count()


def step(name="a", after=(), work=None, **options):
    """A step of this name that does one thing, after others that give it nothing."""

    # A code location wants each op under a name of its own; what a run shows is the alias.
    @dg.op(
        name=f"{name}_{next(numbering)}",
        ins={f"after_{other}": dg.In(dg.Nothing) for other in after},
        out=dg.Out(dg.Nothing),
        required_resource_keys={"airfleet"},
        **options,
    )
    def _step(context):
        guard(context)
        if work is not None:
            work(context)

    return _step.alias(name)


def single(job_name, op, executor=QUICK, tags=TAGS, **options):
    @dg.job(name=job_name, executor_def=executor, tags=tags, resource_defs=RESOURCES, **options)
    def _job():
        op()

    return _job


af_ok = single(
    "af_ok",
    step(work=lambda context: print("done")),
    description="One quick task that succeeds",
    tags={**TAGS, "team": "x"},
    owners=["team:airfleet"],
    metadata={"airfleet/doc_md": "# Succeeds\n\nairfleet-hash: 3d1f0c9a5be84b7f\n"},
)


def print_conf(context):
    print("conf", context.resources.airfleet)


params_resource = dg.resource(
    config_schema={
        "conf": dg.Field(dg.Permissive({"n": dg.Field(int, is_required=False)}), default_value={}, is_required=False)
    }
)(lambda context: dict(context.resource_config["conf"]))


@dg.job(
    name="af_params",
    description="Prints its conf",
    executor_def=QUICK,
    tags=TAGS,
    resource_defs={"airfleet": params_resource},
    metadata={"airfleet/params": dg.MetadataValue.json({"n": 1})},
)
def af_params():
    step("print_conf", work=print_conf)()


@dg.op(name="numbers", out=dg.DynamicOut(int))
def numbers(context):
    guard(context)
    for number in (1, 2, 3):
        yield dg.DynamicOutput(number, mapping_key=str(number - 1))


@dg.op(name="show")
def show(context, number: int):
    print(f"number={number}")
    return number * 10


@dg.job(name="af_mapped", description="Three steps made by another", executor_def=QUICK, tags=TAGS)
def af_mapped():
    numbers().map(show)


@dg.graph(name="group")
def group(start):
    step("c", ["b"])(after_b=step("b", ["a"])(after_a=start))


@dg.job(name="af_chain", description="Three steps in a row, two of them in a graph", executor_def=QUICK, tags=TAGS, resource_defs=RESOURCES)
def af_chain():
    group(start=step("a")())


@dg.op(name="choose", out={"to_left": dg.Out(int, is_required=False), "to_right": dg.Out(int, is_required=False)})
def choose(context):
    guard(context)
    yield dg.Output(1, "to_left")


@dg.op(name="left")
def left(number: int):
    return number


@dg.op(name="right")
def right(number: int):
    return number


@dg.op(name="join")
def join(ways: list[int]):
    return sum(ways)


@dg.job(name="af_branch", description="Follows the left way and skips the right one", executor_def=QUICK, tags=TAGS)
def af_branch():
    to_left, to_right = choose()
    join([left(to_left), right(to_right)])


af_paused = single("af_paused", step(), tags={**TAGS, **HELD}, description="Its runs wait for ever")
af_scheduled = single("af_scheduled", step(), description="Every five minutes, stopped from the start")


@dg.job(name="af_sleep", description="Sleeps two minutes, so that it can be stopped", executor_def=APART, tags=TAGS, resource_defs=RESOURCES)
def af_sleep():
    a = step("a", work=lambda context: run_command(["sleep", "120"]))()
    step("c", ["b"])(after_b=step("b", ["a"])(after_a=a))


def fail(context):
    run_command(["sh", "-c", "echo about to fail; exit 3"])


@dg.job(name="af_fail", description="The first step exits with code 3", executor_def=QUICK, tags=TAGS, resource_defs=RESOURCES)
def af_fail():
    step("b", ["a"])(after_a=step("a", work=fail)())
    step("c")()


def fail_once(context):
    if context.retry_number == 0:
        raise RuntimeError("the first try fails on purpose")
    print(f"try {context.retry_number + 1} succeeds")


af_flaky = single(
    "af_flaky",
    step(work=fail_once, retry_policy=dg.RetryPolicy(max_retries=1, delay=1)),
    APART,
    description="Fails at the first try and succeeds at the second",
)
af_retries = single(
    "af_retries",
    step(work=lambda context: run_command(["sleep", "300"]), retry_policy=dg.RetryPolicy(max_retries=2, delay=1)),
    APART,
    description="A long step with two retries left",
)


def speak(context):
    print("a line on stdout")
    print("a line on stderr", file=sys.stderr)
    logging.getLogger("airfleet.fixture").debug("a debug line")
    context.log.info("an info line")
    context.log.warning("a warning line")
    context.log.error("an error line")
    print("::group::a group of our own")
    print("inside the group")
    print("::endgroup::")
    print("unicode: Grüße, 東京, 🚀")
    print("\x1b[31mred\x1b[0m and \x1b[1mbold\x1b[0m")


def stumble(context):
    try:
        raise KeyError("the cause")
    except KeyError as cause:
        raise ValueError("the second task fails on purpose") from cause


@dg.job(name="af_logs", description="Every kind of log line, then an exception", executor_def=APART, tags=TAGS, resource_defs=RESOURCES)
def af_logs():
    step("stumble", ["speak"], work=stumble)(after_speak=step("speak", work=speak)())


def count(context):
    for number in range(BIG_LOG_LINES):
        print(f"line {number:05d} of {BIG_LOG_LINES}")


af_big_log = single("af_big_log", step("count", work=count), APART, description="Twenty thousand lines of log")

# A job that knows nothing of us: no guard, its conf is Dagster's run config, and run_tags that a launch drops.


@dg.op(name="greet", config_schema={"whom": dg.Field(str, default_value="nobody")})
def greet(context):
    print(f"hello {context.op_config['whom']}")


@dg.job(name="plain", executor_def=QUICK, tags={"kind": "plain"}, run_tags={"airfleet/tenant": "acme"})
def plain():
    greet()


# Ends no child by itself and ignores what would end it: only a kill of the whole group does.


def stubborn_work(context):
    run_command(["sh", "-c", "trap '' TERM INT; echo child $$; sleep 300"])


af_stubborn = single("af_stubborn", step(work=stubborn_work), APART, description="Its child ignores signals")

# Each job's asset, materialized by its run.


@dg.asset(name="counted_rows")
def counted_rows():
    return dg.MaterializeResult(metadata={"rows": 3})


asset_job = dg.define_asset_job("count_rows", selection=[counted_rows], executor_def=QUICK)

many = [single(f"af_many_{number:03d}", step(), tags={**GUARDED, **HELD, "many": ""}) for number in range(120)]


def schedule(job, cron, name=None):
    return dg.ScheduleDefinition(
        name=name or f"{job.name}_schedule",
        job=job,
        cron_schedule=cron,
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.STOPPED,
    )


@dg.sensor(name="af_sensed_sensor", job_name="af_sensed", minimum_interval_seconds=30)
def af_sensed_sensor(context):
    return dg.SkipReason("nothing to do")


defs = dg.Definitions(
    jobs=[
        af_ok, af_params, af_mapped, af_chain, af_branch, af_paused, af_scheduled, af_sleep, af_fail, af_flaky,
        af_retries, af_logs, af_big_log, af_stubborn, plain, asset_job,
        single("af_sensed", step(), description="Started by a sensor"),
        single("af_ticking", step(), description="Each minute, when it is started"),
        *many,
    ],
    assets=[counted_rows],
    schedules=[
        schedule(af_paused, "0 0 1 1 *"),
        schedule(af_scheduled, "*/5 * * * *"),
        schedule(many[119], ["0 2 * * *", "30 14 * * *"], "af_many_119_twice"),
        *(schedule(job, "0 0 1 1 *") for job in many[:119]),
        dg.ScheduleDefinition(
            name="af_ticking_schedule", job_name="af_ticking", cron_schedule="* * * * *",
            default_status=dg.DefaultScheduleStatus.STOPPED,
        ),
    ],
    sensors=[af_sensed_sensor],
)
