/** Names of codes in the words of Wireshark, which conditions take: `wlan.tag.number == "SSID parameter set"`. Where two codes share a name it means the first. */

function names(text: string): Readonly<Record<number, string>> {
  return Object.fromEntries(
    text
      .trim()
      .split(/\s*\|\s*/)
      .map((entry) => [Number.parseInt(entry, 10), entry.slice(entry.indexOf(' ') + 1)]),
  )
}

/** `wlan.fc.type` */
export const FRAME_KINDS = names(`
0 Management frame | 1 Control frame | 2 Data frame | 3 Extension frame | 4 PV1 Reserved | 7 PV1 Extension (currently reserved)
`)

/** `wlan.tag.number` */
export const TAGS = names(`
0 SSID parameter set | 1 Supported Rates | 2 FH Parameter set | 3 DS Parameter set | 4 CF Parameter set | 5 Traffic Indication Map (TIM)
| 6 IBSS Parameter set | 7 Country Information | 8 Hopping Pattern Parameters | 9 Hopping Pattern Table | 10 Request | 11 QBSS Load Element
| 12 EDCA Parameter Set | 13 Traffic Specification | 14 Traffic Classification | 15 Schedule | 16 Challenge text | 32 Power Constraint
| 33 Power Capability | 34 TPC Request | 35 TPC Report | 36 Supported Channels | 37 Channel Switch Announcement | 38 Measurement Request
| 39 Measurement Report | 40 Quiet | 41 IBSS DFS | 42 ERP Information | 43 TS Delay | 44 TCLAS Processing | 45 HT Capabilities (802.11n D1.10)
| 46 QoS Capability | 48 RSN Information | 50 Extended Supported Rates | 51 AP Channel Report | 52 Neighbor Report | 53 RCPI | 54 Mobility Domain
| 55 Fast BSS Transition | 56 Timeout Interval | 57 RIC Data | 58 DSE Registered Location | 59 Supported Operating Classes
| 60 Extended Channel Switch Announcement | 61 HT Information (802.11n D1.10) | 62 Secondary Channel Offset (802.11n D1.10)
| 63 BSS Average Access Delay | 64 Antenna | 65 RSNI | 66 Measurement Pilot Transmission | 67 BSS Available Admission Capacity
| 68 BSS AC Access Delay/WAPI Parameter Set | 69 Time Advertisement | 70 RM Enabled Capabilities | 71 Multiple BSSID | 72 20/40 BSS Coexistence
| 73 20/40 BSS Intolerant Channel Report | 74 Overlapping BSS Scan Parameters | 75 RIC Descriptor | 76 Management MIC | 78 Event Request
| 79 Event Report | 80 Diagnostic Request | 81 Diagnostic Report | 82 Location Parameters | 83 Non Transmitted BSSID Capability | 84 SSID List
| 85 Multiple BSSID Index | 86 FMS Descriptor | 87 FMS Request | 88 FMS Response | 89 QoS Traffic Capability | 90 BSS Max Idle Period | 91 TFS Request
| 92 TFS Response | 93 WNM-Sleep Mode | 94 TIM Broadcast Request | 95 TIM Broadcast Response | 96 Collocated Interference Report | 97 Channel Usage
| 98 Time Zone | 99 DMS Request | 100 DMS Response | 101 Link Identifier | 102 Wakeup Schedule | 104 Channel Switch Timing | 105 PTI Control
| 106 PU Buffer Status | 107 Interworking | 108 Advertisement Protocol | 109 Expedited Bandwidth Request | 110 QoS Map Set | 111 Roaming Consortium
| 112 Emergency Alert Identifier | 113 Mesh Configuration | 114 Mesh ID | 115 Mesh Link Metric Report | 116 Congestion Notification
| 117 Mesh Peering Management | 118 Mesh Channel Switch Parameters | 119 Mesh Awake Window | 120 Beacon Timing | 121 MCCAOP Setup Request
| 122 MCCAOP SETUP Reply | 123 MCCAOP Advertisement | 124 MCCAOP Teardown | 125 Gate Announcement | 126 Root Announcement | 127 Extended Capabilities
| 128 Agere Proprietary | 130 Path Request | 131 Path Reply | 132 Path Error | 133 Cisco CCX1 CKIP + Device Name | 136 Cisco CCX2 | 137 Proxy Update
| 138 Proxy Update Confirmation | 139 Authenticated Mesh Peering Exchange | 140 MIC (Message Integrity Code) | 141 Destination URI
| 142 U-APSD Coexistence | 143 Wakeup Schedule 802.11ad | 144 Extended Schedule | 145 STA Availability | 146 DMG TSPEC | 147 Next DMG ATI
| 148 DMG Capabilities | 149 Cisco Unknown 95 | 150 Vendor Specific | 151 DMG Operating | 152 DMG BSS Parameter Change | 153 DMG Beam Refinement
| 154 Channel Measurement Feedback | 157 Awake Window | 158 Multi Band | 159 ADDBA Extension | 160 NEXTPCP List | 161 PCP Handover
| 162 DMG Link Margin | 163 Switching Stream | 164 Session Transmission | 165 Dynamic Tone Pairing Report | 166 Cluster Report
| 167 Relay Capabilities | 168 Relay Transfer Parameter | 169 Beamlink Maintenance | 170 Multiple MAC Sublayers | 171 U-PID
| 172 DMG Link Adaption Acknowledgment | 173 Symbol Proprietary | 174 MCCAOP Advertisement Overview | 175 Quiet Period Request
| 177 Quiet Period Response | 182 ECAPC Policy | 183 Cluster Time Offset | 184 Intra-Access Category Priority | 185 SCS Descriptor
| 190 Antenna Sector ID | 191 VHT Capabilities | 192 VHT Operation | 193 Extended BSS Load | 194 Wide Bandwidth Channel Switch | 195 Tx Power Envelope
| 196 Channel Switch Wrapper | 199 Operating Mode Notification | 201 Reduced Neighbor Report | 206 Fine Time Measurement Params
| 207 S1G Open-Loop Link Margin Index | 208 RPS | 209 Page Slice | 210 AID Request | 211 AID Response | 212 Sector Operation
| 213 S1G Beacon Compatibility | 214 Short Beacon Interval | 215 Change Sequence | 216 Target Wake Time | 217 S1G Capabilities
| 220 Subchannel Selective Transmission | 222 Authentication Control | 223 TSF Timer Accuracy | 224 S1G Relay | 225 Reachable Address
| 226 S1G Relay Discovery | 228 AID Announcement | 229 PV1 Probe Response Option | 230 EL Operation | 231 Sectorized Group ID List | 232 S1G Operation
| 233 Header Compression | 234 SST Operation | 235 MAD | 236 S1G Relay Activation | 237 CAG Number | 239 AP-CSN | 240 FILS Indication
| 241 Differential Initial Link Setup | 242 Fragment | 244 RSN eXtension | 255 Element ID Extension
`)

/** `wlan.fixed.reason_code` */
export const REASON_TEXTS = names(`
1 Unspecified reason | 2 Previous authentication no longer valid | 3 Deauthenticated because sending STA is leaving (or has left) the BSS
| 4 Disassociated due to inactivity | 5 Disassociated because AP is unable to handle all currently associated STAs
| 6 Class 2 frame received from nonauthenticated STA | 7 Class 3 frame received from nonassociated STA
| 8 Disassociated because sending STA is leaving (or has left) BSS | 9 STA requesting (re)association is not authenticated with responding STA
| 10 Disassociated because the information in the Power Capability element is unacceptable
| 11 Disassociated because the information in the Supported Channels element is unacceptable | 12 Disassociated due to BSS transition management
| 13 Invalid information element, i.e., an information element defined in this standard for which the content does not meet the specifications in Clause 9
| 14 Message integrity code (MIC) failure | 15 4-way handshake timeout | 16 Group key handshake timeout
| 17 Element in 4-way handshake different from (Re)Association Request/Probe Response/Beacon frame | 18 Invalid group cipher
| 19 Invalid pairwise cipher | 20 Invalid AKMP | 21 Unsupported RSNE version | 22 Invalid RSNE capabilities | 23 IEEE 802.1X authentication failed
| 24 Cipher suite rejected because of the security policy | 25 TDLS direct-link teardown due to TDLS peer STA unreachable via the TDLS direct link
| 26 TDLS direct-link teardown for unspecified reason | 27 Disassociated because session terminated by SSP request
| 28 Disassociated because of lack of SSP roaming agreement | 29 Requested service rejected because of SSP cipher suite or AKM requirement
| 30 Requested service not authorized in this location
| 31 TS deleted because QoS AP lacks sufficient bandwidth for this QoS STA due to a change in BSS service characteristics or operational mode
| 32 Disassociated for unspecified, QoS-related reason | 33 Disassociated because QoS AP lacks sufficient bandwidth for this QoS STA
| 34 Disassociated because excessive number of frames need to be acknowledged, but are not acknowledged due to AP transmissions and/or poor channel conditions
| 35 Disassociated because STA is transmitting outside the limits of its TXOPs
| 36 Requested from peer STA as the STA is leaving the BSS (or resetting) | 37 Requesting STA is no longer using the stream or session
| 38 Requesting STA received frames using a mechanism for which a setup has not been completed | 39 Requested from peer STA due to timeout
| 46 Disassociated because authorized access limit reached | 47 Disassociated due to external service requirements | 48 Invalid FT Action frame count
| 49 Invalid pairwise master key identifier (PMKID) | 50 Invalid MDE | 51 Invalid FTE | 52 Mesh peering canceled for unknown reasons
| 53 The mesh STA has reached the supported maximum number of peer mesh STAs
| 54 The received information violates the Mesh Configuration policy configured in the mesh STA profile
| 55 The mesh STA has received a Mesh Peering Close message requesting to close the mesh peering
| 56 The mesh STA has re-sent dot11MeshMaxRetries Mesh Peering Open messages, without receiving a Mesh Peering Confirm message
| 57 The confirmTimer for the mesh peering instance times out
| 58 The mesh STA fails to unwrap the GTK or the values in the wrapped contents do not match
| 59 The mesh STA receives inconsistent information about the mesh parameters between Mesh Peering Management frames
| 60 The mesh STA fails the authenticated mesh peering exchange because due to failure in selecting either the pairwise ciphersuite or group ciphersuite
| 61 The mesh STA does not have proxy information for this external destination
| 62 The mesh STA does not have forwarding information for this destination
| 63 The mesh STA determines that the link to the next hop of an active path in its forwarding information is no longer usable
| 64 The Deauthentication frame was sent because the MAC address of the STA already exists in the mesh BSS. See 11.3.3 (Additional mechanisms for an AP collocated with a mesh STA)
| 65 The mesh STA performs channel switch to meet regulatory requirements | 66 The mesh STA performs channel switch with unspecified reason
| 67 Transmission link establishment in alternative channel failed | 68 The alternative channel is occupied | 71 Disassociated due to poor RSSI
`)

/** `wlan.fixed.status_code` */
export const STATUS_TEXTS = names(`
0 Successful | 1 Unspecified failure | 2 TDLS wakeup schedule rejected but alternative schedule provided | 3 TDLS wakeup schedule rejected
| 5 Security disabled | 6 Unacceptable lifetime | 7 Not in same BSS | 10 Cannot support all requested capabilities in the Capability Information field
| 11 Reassociation denied due to inability to confirm that association exists | 12 Association denied due to reason outside the scope of this standard
| 13 Responding STA does not support the specified authentication algorithm
| 14 Received an Authentication frame with authentication transaction sequence number out of expected sequence
| 15 Authentication rejected because of challenge failure | 16 Authentication rejected due to timeout waiting for next frame in sequence
| 17 Association denied because AP is unable to handle additional associated STAs
| 18 Association denied due to requesting STA not supporting all of the data rates in the BSSBasicRateSet parameter, the Basic HT-MCS Set field of the HT Operation parameter, or the Basic VHT-MCS and NSS Set field in the VHT Operation parameter
| 19 Association denied due to requesting STA not supporting the short preamble option
| 22 Association request rejected because spectrum management capability is required
| 23 Association request rejected because the information in the Power Capability element is unacceptable
| 24 Association request rejected because the information in the Supported Channels element is unacceptable
| 25 Association denied due to requesting STA not supporting short slot time
| 27 Association denied because the requesting STA does not support HT features | 28 R0KH unreachable
| 30 Association request rejected temporarily; try again later | 31 Robust management frame policy violation | 32 Unspecified, QoS-related failure
| 33 Association denied because QoS AP or PCP has insufficient bandwidth to handle another QoS STA
| 34 Association denied due to excessive frame loss rates and/ or poor conditions on current operating channel
| 35 Association (with QoS BSS) denied because the requesting STA does not support the QoS facility | 37 The request has been declined
| 38 The request has not been successful as one or more parameters have invalid values
| 39 The allocation or TS has not been created because the request cannot be honored; however, a suggested TSPEC/DMG TSPEC is provided so that the initiating STA can attempt to set another allocation or TS with the suggested changes to the TSPEC/DMG TSPEC
| 40 Invalid element, i.e., an element defined in this standard for which the content does not meet the specifications in Clause 9 (Frame formats)
| 41 Invalid group cipher | 42 Invalid pairwise cipher | 43 Invalid AKMP | 44 Unsupported RSNE version | 45 Invalid RSNE capabilities
| 46 Cipher suite rejected because of security policy
| 47 The TS or allocation has not been created; however, the HC or PCP might be capable of creating a TS or allocation, in response to a request, after the time indicated in the TS Delay element
| 49 The Destination STA is not present within this BSS | 50 The Destination STA is not a QoS STA
| 51 Association denied because the listen interval is too large | 52 Invalid FT Action frame count
| 53 Invalid pairwise master key identifier (PMKID) | 54 Invalid MDE | 55 Invalid FTE
| 56 Requested TCLAS processing is not supported by the AP or PCP
| 57 The AP or PCP has insufficient TCLAS processing resources to satisfy the request
| 58 The TS has not been created because the request cannot be honored; however, the HC or PCP suggests that the STA transition to a different BSS to set up the TS
| 59 GAS advertisement protocol not supported | 60 No outstanding GAS request | 61 GAS response not received from the advertisement server
| 62 STA timed out waiting for GAS query response | 63 GAS response is larger than query response length limit
| 64 Request refused because home network does not support request | 65 Advertisement server in the network is not currently reachable
| 67 Request refused due to permissions received via SSPN interface | 68 Request refused because the AP or PCP does not support unauthenticated access
| 72 Invalid contents of RSNE, other than unsupported RSNE version or invalid RSNE capabilities, AKMP or pairwise cipher
| 73 U-APSD coexistence is not supported | 74 Requested U-APSD coexistence mode is not supported
| 75 Requested interval/duration value cannot be supported with U-APSD coexistence
| 76 Authentication is rejected because an anti-clogging token is required
| 77 Authentication is rejected because the offered finite cyclic group is not supported
| 78 The TBTT adjustment request has not been successful because the STA could not find an alternative TBTT | 79 Transmission failure
| 80 Requested TCLAS not supported | 81 TCLAS resources exhausted | 82 Rejected with suggested BSS transition | 83 Reject with recommended schedule
| 84 Reject because no wakeup schedule specified | 85 Success, the destination STA is in power save mode
| 86 FST pending, in process of admitting FST session | 87 Performing FST now | 88 FST pending, gap(s) in block ack window
| 89 Reject because of U-PID setting | 92 (Re)Association refused for some external reason
| 93 (Re)Association refused because of memory limits at the AP | 94 (Re)Association refused because emergency services are not supported at the AP
| 95 GAS query response not yet received
| 96 Reject since the request is for transition to a frequency band subject to DSE procedures and FST Initiator is a dependent STA
| 97 Requested TCLAS processing has been terminated by the AP
| 98 The TS schedule conflicts with an existing schedule; an alternative schedule is provided
| 99 The association has been denied; however, one or more Multi-band elements are included that can be used by the receiving STA to join the BSS
| 100 The request failed due to a reservation conflict | 101 The request failed due to exceeded MAF limit
| 102 The request failed due to exceeded MCCA track limit
| 103 Association denied because the information in the Spectrum Management field is unacceptable
| 104 Association denied because the requesting STA does not support VHT features | 105 Enablement denied
| 106 Enablement denied due to restriction from an authorized GDB | 107 Authorization deenabled
| 108 Re(association) refused or disassociated because energy limited operation is not supported at the AP
| 109 BlockAck negotiation refused because, due to buffer constraints and other unspecified reasons, the recipient prefers to generate only NDP BlockAck frames
| 110 Association denied/disassociated because the suggested value for max away duration is unacceptable
| 111 Re(association) refused or disassociated because flow control operation is not supported by the non-AP STA
| 112 Authentication rejected due to FILS authentication failure | 113 Authentication rejected due to unknown Authentication Server
| 116 Request denied because the allocation of notification period is failed | 117 Request denied because the request of channel splitting is failed
| 118 Request denied because the allocation request is failed | 119 Association denied because the requesting STA does not support CMMG features
| 120 The requested GAS fragment is not available
| 121 Success, the CAG Version provided by the requesting STA is the same as the latest CAG Version provided by the relevant server
| 122 The STA is not authorized to use GLK per local policy | 123 Authentication rejected because the password identifier is unknown
| 124 Requested TCLAS processing has been terminated by the AP due to insufficient QoS capacity
| 125 Requested TCLAS processing has been terminated by the AP due to conflict with higher layer QoS policies
| 126 SAE authentication uses direct hashing, instead of looping, to obtain the PWE
`)

/** `wlan.fixed.category_code` */
export const CATEGORIES = names(`
0 Spectrum Management (SM) | 1 Quality of Service (QoS) | 2 Direct-Link Setup (DLS) | 3 Block Ack | 4 Public Action | 5 Radio Measurement
| 6 Fast BSS Transition | 7 High Throughput | 8 SA Query | 9 Protected Dual of Public Action | 10 WNM | 11 Unprotected WNM | 12 TDLS | 13 MESH
| 14 Multihop | 15 Self-protected | 16 DMG | 17 Management Notification | 18 Fast Session Transfer | 19 Robust AV Streaming | 20 Unprotected DMG
| 21 VHT | 22 S1G | 23 S1G Relay | 24 Flow Control | 25 Control Response MCS Negotiation | 26 FILS | 30 HE | 31 Protected HE | 34 Protected FTM
| 126 Vendor-specific Protected | 127 Vendor Specific | 128 Spectrum Management (SM) (error) | 129 Quality of Service (QoS (error))
| 130 Direct-Link Setup (DLS) (error) | 131 Block Ack (error) | 132 Public Action (error) | 133 Radio Measurement (error)
| 134 Fast BSS Transition (error) | 135 High Throughput (error) | 136 SA Query (error) | 137 Protected Dual of Public Action (error) | 138 WNM (error)
| 139 Unprotected WNM (error) | 140 TDLS (error) | 141 Mesh (error) | 142 Multihop (error) | 143 Self-protected (error) | 144 DMG (error)
| 145 Management Notification (error) | 146 Fast Session Transfer (error) | 147 Robust AV Streaming (error) | 148 Unprotected DMG (error)
| 149 VHT (error) | 158 HE (error) | 159 Protected HE (error) | 162 Protected FTM (error) | 254 Vendor-specific Protected (error)
| 255 Vendor Specific (error)
`)

/** `wlan.fixed.auth.alg` */
export const AUTH_ALGORITHMS = names(`
0 Open System | 1 Shared key | 2 Fast BSS Transition | 3 Simultaneous Authentication of Equals (SAE) | 4 FILS Shared Key authentication without PFS
| 5 FILS Shared Key authentication with PFS | 6 FILS Public Key authentication | 7 Pre-Association Security Negotiation (PASN) | 128 Network EAP
`)

/** `wlan_radio.phy` */
export const PHYS = names(`
1 802.11 FHSS | 2 802.11 IR | 3 802.11 DSSS | 4 802.11b (HR/DSSS) | 5 802.11a (OFDM) | 6 802.11g (ERP) | 7 802.11n (HT) | 8 802.11ac (VHT)
| 9 802.11ad (DMG) | 10 802.11ah (S1G) | 11 802.11ax (HE)
`)

/** `eapol.type` */
export const EAPOL_TYPES = names(`
0 EAP Packet | 1 Start | 2 Logoff | 3 Key | 4 Encapsulated ASF Alert | 5 MKA | 6 Announcement (Generic) | 7 Announcement (Specific)
| 8 Announcement Request
`)

/** `eapol.keydes.type` */
export const EAPOL_KEYS = names(`
1 RC4 Descriptor | 2 EAPOL RSN Key | 254 EAPOL WPA Key
`)

/** `eap.code` */
export const EAP_CODES = names(`
1 Request | 2 Response | 3 Success | 4 Failure | 5 Initiate | 6 Finish
`)

/** `eap.type` */
export const EAP_TYPES = names(`
1 Identity | 2 Notification | 3 Legacy Nak (Response Only) | 4 MD5-Challenge EAP (EAP-MD5-CHALLENGE) | 5 One-Time Password EAP (EAP-OTP)
| 6 Generic Token Card EAP (EAP-GTC) | 7 Allocated | 9 RSA Public Key Authentication EAP (EAP-RSA-PKA) | 10 DSS Unilateral EAP (EAP-DSS)
| 11 KEA EAP (EAP-KEA) | 12 KEA Validate EAP (EAP-KEA-VALIDATE) | 13 TLS EAP (EAP-TLS) | 14 Defender Token EAP (EAP-AXENT)
| 15 RSA Security SecurID EAP (EAP-RSA-SECURID) | 16 Arcot Systems EAP (EAP-ARCOT-SYSTEMS) | 17 Cisco Wireless EAP / Lightweight EAP (EAP-LEAP)
| 18 GSM Subscriber Identity Modules EAP (EAP-SIM) | 19 Secure Remote Password SHA1 Part 1 EAP (EAP-SRP-SHA1-PART1)
| 20 Secure Remote Password SHA1 Part 2 EAP (EAP-SRP-SHA1-PART2) | 21 Tunneled TLS EAP (EAP-TTLS) | 22 Remote Access Service EAP (EAP-RAS)
| 23 UMTS Authentication and Key Agreement EAP (EAP-AKA) | 24 3Com Wireless EAP (EAP-3COM-WIRELESS) | 25 Protected EAP (EAP-PEAP)
| 26 MS-Authentication EAP (EAP-MS-AUTH) | 27 Mutual Authentication w/Key Exchange EAP (EAP-MAKE) | 28 CRYPTOCard EAP (EAP-CRYPTOCARD)
| 29 MS-CHAP-v2 EAP (EAP-MS-CHAP-V2) | 30 DynamID EAP (EAP-DYNAMID) | 31 Rob EAP (EAP-ROB) | 32 Protected One-Time Password EAP (EAP-POTP)
| 33 MS-Authentication TLV EAP (EAP-MS-AUTH-TLV) | 34 SentriNET (EAP-SENTRINET) | 35 Actiontec Wireless EAP (EAP-ACTIONTEC-WIRELESS)
| 36 Cogent Systems Biometrics Authentication EAP (EAP-COGENT-BIOMETRIC) | 37 AirFortress EAP (EAP-AIRFORTRESS) | 38 HTTP Digest EAP (EAP-HTTP-DIGEST)
| 39 SecureSuite EAP (EAP-SECURESUITE) | 40 DeviceConnect EAP (EAP-DEVICECONNECT) | 41 Simple Password Exponential Key Exchange EAP (EAP-SPEKE)
| 42 MOBAC EAP (EAP-MOBAC) | 43 Flexible Authentication via Secure Tunneling EAP (EAP-FAST) | 44 ZoneLabs EAP (EAP-ZLXEAP) | 45 Link EAP (EAP-LINK)
| 46 Password Authenticated eXchange EAP (EAP-PAX) | 47 Pre-Shared Key EAP (EAP-PSK)
| 48 Shared-secret Authentication and Key Establishment EAP (EAP-SAKE) | 49 Internet Key Exchange v2 EAP (EAP-IKEv2)
| 50 UMTS Authentication and Key Agreement' EAP (EAP-AKA') | 51 Generalized Pre-Shared Key EAP (EAP-GPSK) | 52 Password EAP (EAP-pwd)
| 53 Encrypted Key Exchange v1 EAP (EAP-EKEv1) | 55 Tunneled EAP protocol | 254 Expanded Type | 255 Experimental
`)

/** `wlan.rsn.pcs.type` */
export const CIPHER_TYPES = names(`
0 NONE | 1 WEP (40-bit) | 2 TKIP | 3 AES (OCB) | 4 AES (CCM) | 5 WEP (104-bit) | 6 BIP (128) | 7 Group addressed traffic not allowed | 8 GCMP (128)
| 9 GCMP (256) | 10 CCMP (256) | 11 BIP (GMAC-128) | 12 BIP (GMAC-256) | 13 BIP (CMAC-256)
`)

/** `wlan.rsn.akms.type` */
export const AKM_TYPES = names(`
0 NONE | 1 WPA | 2 PSK | 3 FT over IEEE 802.1X | 4 FT using PSK | 5 WPA (SHA256) | 6 PSK (SHA256) | 7 TDLS / TPK Handshake (SHA256) | 8 SAE (SHA256)
| 9 FT using SAE (SHA256) | 10 APPeerKey (SHA256) | 11 WPA (SHA256-SuiteB) | 12 WPA (SHA384-SuiteB) | 13 FT over IEEE 802.1X (SHA384)
| 14 FILS (SHA256 and AES-SIV-256) | 15 FILS (SHA384 and AES-SIV-512) | 16 FT over FILS (SHA256 and AES-SIV-256)
| 17 FT over FILS (SHA384 and AES-SIV-512) | 18 Opportunistic Wireless Encryption | 19 FT using PSK (SHA384) | 20 PSK (SHA384) | 21 PASN
`)

/** `wlan.wfa.ie.wpa.type` */
export const WPA_AKM_TYPES = names(`
0 NONE | 1 WPA | 2 PSK | 3 FT over IEEE 802.1X | 4 FT using PSK | 5 WPA (SHA256) | 6 PSK (SHA256) | 7 TDLS / TPK Handshake
`)

/** `wlan.wfa.ie.wpa.mcs.type` */
export const WPA_CIPHER_TYPES = names(`
0 NONE | 1 WEP (40-bit) | 2 TKIP | 3 AES (OCB) | 4 AES (CCM) | 5 WEP (104-bit) | 6 BIP | 7 Group addressed traffic not allowed
`)

/** `arp.opcode` */
export const ARP_OPCODES = names(`
1 request | 2 reply | 3 reverse request | 4 reverse reply | 5 drarp request | 6 drarp reply | 7 drarp error | 8 inverse request | 9 inverse reply
| 10 arp nak | 11 mars request | 12 mars multi | 13 mars mserv | 14 mars join | 15 mars leave | 16 mars nak | 17 mars unserv | 18 mars sjoin
| 19 mars sleave | 20 mars grouplist request | 21 mars grouplist reply | 22 mars redirect map | 23 mapos unarp | 24 experimental 1 | 25 experimental 2
| 0 reserved
`)

/** `dhcp.option.dhcp` */
export const DHCP_TYPES = names(`
1 Discover | 2 Offer | 3 Request | 4 Decline | 5 ACK | 6 NAK | 7 Release | 8 Inform | 9 Force Renew | 10 Lease query | 11 Lease Unassigned
| 12 Lease Unknown | 13 Lease Active | 14 Bulk Lease Query | 15 Lease Query Done | 16 Active LeaseQuery | 17 Lease Query Status | 18 TLS
`)
