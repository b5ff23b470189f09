/** One instance of the fleet that the demo shows. */
export interface DemoInstance {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly tier: "production" | "staging" | "development";
  /** Default: airflow. A Dagster knows no login. */
  readonly engine?: "airflow" | "dagster";
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Written into the seed's `config/clients.json` instead of `airfleet.yaml`, so that both ways of configuring are seen. */
  readonly inClientsFile: boolean;
}

/** A running fleet; disposing of it stops it. */
export interface DemoFleet extends AsyncDisposable {
  readonly instances: readonly DemoInstance[];
  /** Puts into the Airfleet at this address what there is to see beyond its instances; absent where people start from nothing. */
  readonly fill?: (url: string) => Promise<void>;
}
