import { type ControlSettings, type Environment, resolveSetting, type Settings } from "@airfleet/control";

/**
 * What of the settings is about receivers, with secrets read.
 *
 * @throws {AirfleetError} SECRET_UNAVAILABLE
 */
export const toOutgoingSettings = (
  { network, alerts }: Settings,
  env: Environment,
): Pick<ControlSettings, "networkAllow" | "smtp" | "alertsEveryMs"> => {
  const { smtp, every_seconds: everySeconds } = alerts;
  const password = smtp?.password;
  return {
    networkAllow: network.allow,
    alertsEveryMs: everySeconds * 1_000,
    smtp:
      smtp === undefined
        ? null
        : {
            host: smtp.host,
            port: smtp.port,
            tls: smtp.tls,
            from: smtp.from,
            username: smtp.username,
            password: password === undefined ? undefined : resolveSetting("alerts.smtp.password", password, env),
          },
  };
};
