import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { AirfleetError } from "@airfleet/model";
import {
  type ConfigurationFlags,
  type Environment,
  type LoadedConfiguration,
  loadConfiguration,
} from "../../src/index.ts";

/** A working directory with files, gone after the test. */
export class Workspace implements Disposable {
  readonly cwd = mkdtempSync(path.join(tmpdir(), "airfleet-config-"));

  write(name: string, text: string | Uint8Array, mode = 0o600): string {
    const file = path.join(this.cwd, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  }

  load(env: Environment = {}, flags: ConfigurationFlags = {}): LoadedConfiguration {
    return loadConfiguration({ cwd: this.cwd, env, flags });
  }

  /** The coded error that loading ends in. */
  refusal(env: Environment = {}, flags: ConfigurationFlags = {}): AirfleetError {
    try {
      this.load(env, flags);
    } catch (error) {
      if (error instanceof AirfleetError) return error;
      throw error;
    }
    throw new Error("the configuration was accepted");
  }

  [Symbol.dispose](): void {
    rmSync(this.cwd, { recursive: true, force: true });
  }
}
