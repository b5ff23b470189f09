export const HELP = `Installs and starts real Airflow 2, Airflow 3, Dagster and PostgreSQL, for tests and for trying things out.

Usage: node tools/engines/src/main.ts <command> [options]

  up         start engines and wait until they answer. Without --detach they stop on Ctrl-C.
    --airflow2 N         how many Airflow 2.11.2 (default: one of each when neither is given)
    --airflow3 N         how many Airflow 3.3.2
    --dagster N          how many Dagster 1.13.27; it has no login and listens on loopback only
    --default-intervals  Airflow's shipped scan intervals instead of short ones
    --dags DIR           copy these DAG files instead of the fixture DAGs (Airflow)
    --password TEXT      password of the user "admin" (default: a random one each)
    --detach             leave them running; stop them with "down"
    --json               print the result as JSON
  down       ID… | --all: stop engines, drop their databases, remove their files
  status     what runs, with addresses and credentials [--json]
  logs       ID [--component NAME] [--lines N]: the end of an engine's logs (default 100 lines each)
  install    [airflow2] [airflow3] [postgres] [python] [moto] [dagster]: install ahead of the first start (default: all);
             python is what the checks and tests of python/ run in, moto what the tests of queues talk to
  clean      remove leftovers of engines that ended without being stopped, and unused databases
    --all                also the prepared databases that make starts quick

Environment:
  DATABASE_URL            PostgreSQL to use; else 127.0.0.1:5432 when it answers, else a server is installed and started
  AIRFLEET_PYTHON         Python 3.10, 3.11 or 3.12 to install with (default: python3)
  AIRFLEET_ENGINES_CACHE  where everything is kept (default: .cache/engines in the repository)

Exit codes: 0 done, 1 failed, 2 wrong usage.
`;
