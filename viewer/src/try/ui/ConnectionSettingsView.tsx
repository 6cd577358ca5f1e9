/** Where to connect and how: channel, server, parameters, authentication. Changes count from the next connection on. */
import { useId, type ReactNode } from "react";

import { shortened } from "../../document/budget";
import type { Connection } from "../connection/Connection";
import { OTHER_SERVER, settingsFor } from "../connection/settings";
import { MOST_PARAMETERS, type Parameter } from "../contract/contract";
import type { Session } from "../Session";
import { Authentication } from "./Authentication";

export function ConnectionSettingsView({ session, connection }: { session: Session; connection: Connection }): ReactNode {
  const { settings, channel } = connection;
  const servers = session.serversOf(channel);
  const server = servers.find(({ id }) => id === settings.server);
  const id = useId();
  return (
    <div className="try-settings" role="group" aria-label={`Settings of ${connection.name}`} tabIndex={-1}>
      {session.contract.channels.length > 1 && (
        <Labelled id={`${id}-channel`} label="Channel">
          <select id={`${id}-channel`} value={settings.channel} disabled={connection.isBusy} onChange={(event) => {
            const next = session.channel(event.target.value);
            connection.change(settingsFor(next, session.serversOf(next), settings));
          }}>
            {session.contract.channels.map((each) => (
              <option key={each.id} value={each.id}>
                {shortened(each.address || each.title)}
              </option>
            ))}
          </select>
        </Labelled>
      )}
      <Labelled id={`${id}-server`} label="Server">
        <select id={`${id}-server`} value={settings.server} onChange={(event) => {
          const next = servers.find((each) => each.id === event.target.value);
          connection.change({ server: event.target.value, variables: Object.fromEntries((next?.variables ?? []).map(({ name, preset }) => [name, preset])) });
        }}>
          {servers.map((each) => (
            <option key={each.id} value={each.id}>
              {each.id}: {each.protocol}://{each.host}
              {each.pathname}
            </option>
          ))}
          <option value={OTHER_SERVER}>Another…</option>
        </select>
      </Labelled>
      {settings.server === OTHER_SERVER && (
        <Labelled id={`${id}-other`} label="Address">
          <input id={`${id}-other`} value={settings.otherServer} placeholder="wss://api.example.com" autoComplete="off" onChange={(event) => connection.change({ otherServer: event.target.value })} />
        </Labelled>
      )}
      <Parameters about="server" parameters={server?.variables ?? []} values={settings.variables} onChange={(variables) => connection.change({ variables })} />
      <Parameters about="path" parameters={channel.parameters} values={settings.parameters} onChange={(parameters) => connection.change({ parameters })} />
      <Parameters about="query" parameters={channel.query} values={settings.query} onChange={(query) => connection.change({ query })} />
      <Authentication session={session} connection={connection} />
      <Labelled id={`${id}-subprotocol`} label="Subprotocol">
        <input id={`${id}-subprotocol`} value={settings.subprotocol} placeholder="none" autoComplete="off" onChange={(event) => connection.change({ subprotocol: event.target.value })} />
      </Labelled>
      <label className="try-check">
        <input type="checkbox" checked={settings.reconnect} onChange={(event) => connection.change({ reconnect: event.target.checked })} /> Connect again when the
        connection is lost
      </label>
    </div>
  );
}

export function Labelled({ id, label, hint, children }: { id: string; label: string; hint?: string; children: ReactNode }): ReactNode {
  return (
    <div className="try-row">
      <label htmlFor={id}>{label}</label>
      <div>
        {children}
        {hint !== undefined && hint !== "" && <p className="try-hint">{hint}</p>}
      </div>
    </div>
  );
}

interface ParametersProps {
  about: string;
  parameters: Parameter[];
  values: Record<string, string>;
  onChange(values: Record<string, string>): void;
}

function Parameters({ about, parameters, values, onChange }: ParametersProps): ReactNode {
  const id = useId();
  const rows = parameters.map(({ name, description, choices, secret }) => {
    const common = { id: `${id}-${name}`, value: values[name] ?? "", onChange: (event: { target: { value: string } }) => onChange({ ...values, [name]: event.target.value }) };
    return (
      <Labelled key={name} id={`${id}-${name}`} label={`${name} (${about})`} hint={description}>
        {choices.length > 0 ? (
          <select {...common}>
            {!choices.includes(common.value) && <option value={common.value}>{common.value || "(none)"}</option>}
            {choices.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        ) : (
          <input {...common} type={secret ? "password" : "text"} autoComplete="off" />
        )}
      </Labelled>
    );
  });
  if (parameters.length < MOST_PARAMETERS) return rows;
  return (
    <>
      {rows}
      <p className="try-hint">
        Only the first {MOST_PARAMETERS} parameters ({about}) are listed.
      </p>
    </>
  );
}
