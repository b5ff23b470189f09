import { listClients } from "./select-clients.ts";
import type { SeedRoute } from "./seed-route.ts";

/** Routes that ask no Airflow. */
export const ownRoutes: readonly SeedRoute[] = [
  {
    kind: "own",
    method: "GET",
    path: "/",
    permission: "public",
    answer: () => "Welcome to the Disaster Recovery API for Airflow Instances!",
  },
  {
    kind: "own",
    method: "GET",
    path: "/health",
    permission: "instance:read",
    answer: ({ control, actor }) => {
      const clients = listClients(control, actor);
      const enabled = clients.filter((client) => client.enabled);
      return {
        status: "healthy",
        timestamp: new Date().toISOString(),
        multi_client_enabled: true,
        total_clients: clients.length,
        enabled_clients: enabled.length,
        clients: enabled.map(({ id, name, url }) => ({ client_id: id, client_name: name, airflow_url: url })),
      };
    },
  },
  {
    kind: "own",
    method: "GET",
    path: "/api/clients",
    permission: "instance:read",
    answer: ({ control, actor }) => {
      const clients = listClients(control, actor);
      return {
        total_clients: clients.length,
        clients: clients.map(({ id, name, url, enabled, description }) => ({
          client_id: id,
          client_name: name,
          airflow_url: url,
          enabled,
          ...(description === null ? {} : { description }),
        })),
      };
    },
  },
];
