import { describe, expect, it } from "vitest";
import { parseArguments } from "../src/command-line/arguments.ts";

const UP = {
  verb: "up",
  dagster: 0,
  defaultIntervals: false,
  detach: false,
  json: false,
  dags: undefined,
  password: undefined,
};

describe("the command line", () => {
  it("starts one of each when no number is given, and only the named generation otherwise", () => {
    expect(parseArguments(["up"])).toEqual({ ...UP, airflow2: 1, airflow3: 1 });
    expect(parseArguments(["up", "--airflow3", "2"])).toEqual({ ...UP, airflow2: 0, airflow3: 2 });
    expect(parseArguments(["up", "--airflow2", "1", "--detach", "--json"])).toMatchObject({
      airflow2: 1,
      airflow3: 0,
      detach: true,
      json: true,
    });
    expect(parseArguments(["up", "--dagster", "1"])).toEqual({ ...UP, airflow2: 0, airflow3: 0, dagster: 1 });
  });

  it("installs everything when nothing is named", () => {
    expect(parseArguments(["install"])).toEqual({
      verb: "install",
      names: ["airflow2", "airflow3", "postgres", "python", "moto", "dagster"],
    });
    expect(parseArguments(["install", "postgres"])).toEqual({ verb: "install", names: ["postgres"] });
  });

  it("shows help without a command and with --help anywhere", () => {
    expect([[], ["help"], ["--help"], ["up", "-h"]].map((args) => parseArguments(args).verb)).toEqual([
      "help",
      "help",
      "help",
      "help",
    ]);
  });

  it.each([
    [["start"], '"start" is no command'],
    [["up", "--airflow2", "two"], '--airflow2 is "two"'],
    [["up", "--airflow2", "-1"], "--airflow2"],
    [["up", "--airflow2", "0"], "Nothing to start"],
    [["up", "--airflow4", "1"], "--airflow4"],
    [["up", "af2-1"], "up takes no argument"],
    [["status", "--detach"], "status has no option --detach"],
    [["down"], "ids of engines, or --all"],
    [["down", "--all", "af2-1"], "ids of engines, or --all"],
    [["install", "airflow4"], '"airflow4" cannot be installed'],
    [["logs"], "the id of one engine"],
    [["clean", "up"], "clean takes no argument"],
  ])("refuses %j", (args, reason) => {
    expect(() => parseArguments(args)).toThrow(
      expect.objectContaining({ code: "USAGE", message: expect.stringContaining(reason) }),
    );
  });
});
