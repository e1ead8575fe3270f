/** What the filter says about the client that a frame is from or to. */
import { fieldTable } from '../../../core/plugin.ts'

/** How a client and the networks stand to each other; 0 is "nothing known". */
export const STATE = { none: 0, probing: 1, authenticating: 2, associated: 3, gone: 4 } as const
export type State = (typeof STATE)[keyof typeof STATE]

/** Frames that prove a state. */
export const PROOF = {
  probeRequest: 1,
  authentication: 2,
  associationRequest: 3,
  reassociationRequest: 4,
  refused: 5,
  associated: 6,
  reassociated: 7,
  handshake: 8,
  dataFrom: 9,
  protectedFrom: 10,
  dataTo: 11,
  protectedTo: 12,
  bothWays: 13,
  powerSavePoll: 14,
  disassociation: 15,
  deauthentication: 16,
  disassociationOfAll: 17,
  deauthenticationOfAll: 18,
} as const

const STATE_NAMES = {
  [STATE.probing]: 'probing',
  [STATE.authenticating]: 'authenticating',
  [STATE.associated]: 'associated',
  [STATE.gone]: 'gone',
}

const PROOF_NAMES = {
  [PROOF.probeRequest]: 'probe request',
  [PROOF.authentication]: 'authentication',
  [PROOF.associationRequest]: 'association request',
  [PROOF.reassociationRequest]: 'reassociation request',
  [PROOF.refused]: 'association response, refused',
  [PROOF.associated]: 'association response, status 0',
  [PROOF.reassociated]: 'reassociation response, status 0',
  [PROOF.handshake]: '4-way handshake, message 4',
  [PROOF.dataFrom]: 'data frame from the client',
  [PROOF.protectedFrom]: 'data frame from the client, protected',
  [PROOF.dataTo]: 'data frame to the client',
  [PROOF.protectedTo]: 'data frame to the client, protected',
  [PROOF.bothWays]: 'data frames both ways',
  [PROOF.powerSavePoll]: 'PS-Poll',
  [PROOF.disassociation]: 'disassociation',
  [PROOF.deauthentication]: 'deauthentication',
  [PROOF.disassociationOfAll]: 'disassociation of all',
  [PROOF.deauthenticationOfAll]: 'deauthentication of all',
}

const source = 'frames before'

export const assoc = fieldTable('assoc', {
  client: {
    path: 'assoc.client',
    type: 'mac',
    class: 'device_address',
    description: 'The client that the frame is from or to.',
    source: 'direction bits',
  },
  state: {
    path: 'assoc.state',
    type: 'name',
    names: STATE_NAMES,
    description: 'What the frames up to this one prove of the client: probing, authenticating, associated or gone.',
    source,
  },
  bssid: { path: 'assoc.bssid', type: 'mac', class: 'device_address', description: 'The network it is so with; absent while probing.', source },
  ssid: {
    path: 'assoc.ssid',
    type: 'text',
    class: 'ssid',
    description: 'Name of that network, where a beacon, probe response or association request told it.',
    source,
  },
  since: { path: 'assoc.since', type: 'time', description: 'Capture time of the frame that proved the state.', source },
  proof: { path: 'assoc.proof', type: 'name', names: PROOF_NAMES, description: 'What kind of frame proved it.', source },
  proofId: { path: 'assoc.proof_id', type: 'id', description: 'event.id of the frame that proved it.', source },
})
