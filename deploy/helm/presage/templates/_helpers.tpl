{{/* The name of everything, at most 30 characters so that a shard's name fits behind it. */}}
{{- define "presage.name" -}}
{{- $name := ternary .Release.Name (printf "%s-presage" .Release.Name) (contains "presage" .Release.Name) -}}
{{- $name | trunc 30 | trimSuffix "-" -}}
{{- end -}}

{{/* What tells the pods of this release from others, and with `component` from each other. */}}
{{- define "presage.selector" -}}
app.kubernetes.io/name: presage
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "presage.labels" -}}
{{ include "presage.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "presage.image" -}}
image: {{ printf "%s%s%s" .repository (ternary "@" ":" (hasPrefix "sha256:" .tag)) .tag | quote }}
imagePullPolicy: {{ .pullPolicy }}
{{- end -}}

{{/* The name of the port by which the gateways ask the workers of a shard. Takes `root` and `shard`. */}}
{{- define "presage.protocol" -}}
{{ dig "shards" .shard "protocol" "http" .root.Values.config }}
{{- end -}}

{{/* presage.yaml: the project's, with what this chart decides. */}}
{{- define "presage.config" -}}
{{- $root := . -}}
{{- $tls := .Values.tls.secretName -}}
{{- $files := dict "cert" "/etc/presage/tls/tls.crt" "key" "/etc/presage/tls/tls.key" -}}
{{- $shards := dict -}}
{{- range $shard, $_ := .Values.shards -}}
  {{- $port := include "presage.protocol" (dict "root" $root "shard" $shard) -}}
  {{- $one := dict "kubernetes" (dict "service" (printf "%s-%s" (include "presage.name" $root) $shard) "port" $port) -}}
  {{- if $tls -}}
    {{- $_ := set $one "tls" (merge (dict "ca" "/etc/presage/tls/ca.crt" "serverName" $root.Values.tls.serverName) $files) -}}
  {{- end -}}
  {{- $_ := set $shards $shard $one -}}
{{- end -}}
{{- $worker := dict
  "http" (dict "host" "0.0.0.0" "port" 8000)
  "grpc" (dict "host" "0.0.0.0" "port" 8001)
  "drain" (printf "%ds" (int .Values.stop.drainSeconds)) -}}
{{- if $tls -}}
  {{- $_ := set $worker "tls" (merge (dict "clientCa" "/etc/presage/tls/ca.crt") $files) -}}
{{- end -}}
{{- $server := dict
  "host" "0.0.0.0"
  "port" 4000
  "admin" (dict "host" "0.0.0.0" "port" 4001)
  "grace" (printf "%ds" (int .Values.stop.graceSeconds)) -}}
{{- $own := dict "server" $server "worker" $worker -}}
{{- if $shards -}}{{- $_ := set $own "shards" $shards -}}{{- end -}}
{{- mergeOverwrite (deepCopy .Values.config) $own | toYaml -}}
{{- end -}}

{{/* Pods of one kind on different nodes, where there are such. Takes `root`, and the label that tells the kind. */}}
{{- define "presage.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "presage.selector" .root | nindent 8 }}
        {{ .label }}
{{- end -}}

{{/* What all pods have. Takes `root`, `settings` of the gateway, of a shard or of Envoy, and `volumes` of its own. */}}
{{- define "presage.pod" -}}
{{- $values := .root.Values -}}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile: { type: RuntimeDefault }
terminationGracePeriodSeconds: {{ add $values.stop.drainSeconds $values.stop.graceSeconds 5 }}
{{- with $values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .settings.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .settings.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .settings.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: config
    configMap: { name: {{ include "presage.name" .root }} }
  - name: state
    emptyDir: {}
  {{- with $values.tls.secretName }}
  - name: tls
    secret: { secretName: {{ . }}, defaultMode: 0440 }
  {{- end }}
  {{- range list $values.extraVolumes .volumes }}
  {{- with . }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- end }}
{{- end -}}

{{- define "presage.confined" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end -}}

{{/* What all containers see. Takes `root` and `mounts` of its own. */}}
{{- define "presage.mounts" -}}
{{- if .root.Values.tls.secretName }}
- { name: tls, mountPath: /etc/presage/tls, readOnly: true }
{{- end }}
{{- range list .root.Values.extraVolumeMounts .mounts }}
{{- with . }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- end -}}

{{/* What all containers of Presage have. Takes `root`, `settings` and `mounts`. */}}
{{- define "presage.container" -}}
{{- $values := .root.Values -}}
{{ include "presage.image" $values.image }}
{{ include "presage.confined" . }}
resources: {{- toYaml .settings.resources | nindent 2 }}
{{- with $values.envFrom }}
envFrom: {{- toYaml . | nindent 2 }}
{{- end }}
volumeMounts:
  # In the project's folder, since the paths in it are relative to it. A change replaces the pods.
  - { name: config, mountPath: /app/presage.yaml, subPath: presage.yaml, readOnly: true }
  - { name: state, mountPath: /app/.presage }
  {{- with include "presage.mounts" . | trim }}
  {{- . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* The annotations of pods. Takes `root` and `settings`. */}}
{{- define "presage.annotations" -}}
checksum/config: {{ include "presage.config" .root | sha256sum }}
{{- with .settings.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end -}}
