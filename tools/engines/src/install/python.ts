import { EngineToolError } from "../errors.ts";
import { runCommand } from "../process/run-command.ts";

/** Python versions that all lock files resolve for, the best known one first. */
export const SUPPORTED_PYTHONS = ["3.11", "3.12", "3.10"] as const;

export interface Python {
  readonly executable: string;
  /** As `3.11.7`. */
  readonly version: string;
}

const describe = "import sys; print(sys.executable); print('%d.%d.%d' % sys.version_info[:3])";

const inspect = async (command: string): Promise<Python | undefined> => {
  const output = await runCommand({ command, args: ["-c", describe] }).catch(() => "");
  const [executable, version] = output.trim().split("\n");
  return executable === undefined || version === undefined ? undefined : { executable, version };
};

/** Whether our lock files were resolved for this version. */
export const isSupportedPython = (version: string): boolean =>
  SUPPORTED_PYTHONS.some((supported) => version.startsWith(`${supported}.`));

/**
 * Finds the Python to build environments with: `AIRFLEET_PYTHON`, else `python3`, else `python3.11` and the like.
 * @throws PYTHON_MISSING naming what was tried.
 */
export const findPython = async (named: string | undefined = process.env["AIRFLEET_PYTHON"]): Promise<Python> => {
  const candidates =
    named === undefined ? ["python3", ...SUPPORTED_PYTHONS.map((version) => `python${version}`)] : [named];
  const tried: string[] = [];
  for (const candidate of candidates) {
    const python = await inspect(candidate);
    if (python !== undefined && isSupportedPython(python.version)) return python;
    tried.push(`${candidate}: ${python?.version ?? "not found"}`);
  }
  throw new EngineToolError("PYTHON_MISSING", {
    tried: tried.join(", "),
    allowed: [...SUPPORTED_PYTHONS].sort().join(", "),
  });
};
