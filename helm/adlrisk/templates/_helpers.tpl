{{- define "adlrisk.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "adlrisk.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "adlrisk.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | replace "." "-" | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | replace "." "-" | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "adlrisk.selector" -}}
app.kubernetes.io/name: {{ include "adlrisk.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/* The pod of `helm test` has labels of its own, or it would get the service's requests. */}}
{{- define "adlrisk.testSelector" -}}
app.kubernetes.io/name: {{ include "adlrisk.name" . | trunc 58 | trimSuffix "-" }}-test
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/* So have the collectors' pods. */}}
{{- define "adlrisk.collectorSelector" -}}
app.kubernetes.io/name: {{ include "adlrisk.name" . | trunc 53 | trimSuffix "-" }}-collector
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "adlrisk.collectorLabels" -}}
{{ include "adlrisk.collectorSelector" . }}
{{ include "adlrisk.commonLabels" . }}
{{- end -}}

{{- define "adlrisk.collectorName" -}}
{{- printf "%s-collector" (include "adlrisk.fullname" . | trunc 53 | trimSuffix "-") -}}
{{- end -}}

{{- define "adlrisk.labels" -}}
{{ include "adlrisk.selector" . }}
{{ include "adlrisk.commonLabels" . }}
{{- end -}}

{{- define "adlrisk.commonLabels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "adlrisk.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "adlrisk.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "adlrisk.collectorServiceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- include "adlrisk.collectorName" . -}}
{{- else -}}
{{- include "adlrisk.serviceAccount" . -}}
{{- end -}}
{{- end -}}

{{- define "adlrisk.image" -}}
{{- include "adlrisk.imageOf" (list . .Values.image) -}}
{{- end -}}

{{- define "adlrisk.collectorImage" -}}
{{- include "adlrisk.imageOf" (list . .Values.collector.image) -}}
{{- end -}}

{{/* A placeholder of values-production.yaml is refused: it could only fail later, in the cluster. */}}
{{- define "adlrisk.imageOf" -}}
{{- $image := index . 1 -}}
{{- if eq $image.digest (printf "sha256:%s" (repeat 64 "0")) -}}
{{- fail "image.digest: zeros are a placeholder; docker buildx imagetools inspect shows the digest of your image" -}}
{{- end -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository (default (index . 0).Chart.AppVersion $image.tag) -}}
{{- end -}}
{{- end -}}

{{/* Environment of the service's container from Secrets. */}}
{{- define "adlrisk.secretEnv" -}}
{{- $env := include "adlrisk.redisEnv" . | fromYamlArray -}}
{{- range $name, $key := include "adlrisk.keyFiles" . | fromYaml -}}
{{- $env = append $env (dict "name" $name "value" (printf "/etc/adlrisk/keys/%s" $key)) -}}
{{- end -}}
{{- toYaml (concat $env .Values.extraEnv) -}}
{{- end -}}

{{/* API keys, as files that the service reads again when the Secret changes: keys of the Secret by variable. */}}
{{- define "adlrisk.keyFiles" -}}
{{- $keys := .Values.keys -}}
{{- $files := dict -}}
{{- range list
  (list "ADLRISK_API_KEYS_FILE" $keys.apiKeysKey)
  (list "ADLRISK_WRITE_KEYS_FILE" $keys.writeKeysKey)
  (list "ADLRISK_ADMIN_KEYS_FILE" $keys.adminKeysKey)
-}}
{{- if and $keys.existingSecret (index . 1) -}}
{{- $files = set $files (index . 0) (index . 1) -}}
{{- end -}}
{{- end -}}
{{- toYaml $files -}}
{{- end -}}

{{/* Mounted by the service alone: API keys. The whole folder, since a subPath would never change. */}}
{{- define "adlrisk.keyVolumeMounts" -}}
{{- if include "adlrisk.keyFiles" . | fromYaml }}
- name: keys
  mountPath: /etc/adlrisk/keys
  readOnly: true
{{- end }}
{{- end -}}

{{- define "adlrisk.keyVolumes" -}}
{{- with include "adlrisk.keyFiles" . | fromYaml }}
- name: keys
  secret:
    secretName: {{ $.Values.keys.existingSecret | quote }}
    items:
      {{- range values . | uniq | sortAlpha }}
      - key: {{ . | quote }}
        path: {{ . | quote }}
      {{- end }}
{{- end }}
{{- end -}}

{{/* Environment from the Secret of Redis, for service and collector. */}}
{{- define "adlrisk.redisEnv" -}}
{{- $redis := .Values.redis -}}
{{- include "adlrisk.envOf" (list
  (list "ADLRISK_REDIS_PASSWORD" $redis.existingSecret $redis.passwordKey)
  (list "ADLRISK_REDIS_SENTINEL_PASSWORD" $redis.existingSecret $redis.sentinelPasswordKey)
) -}}
{{- end -}}

{{/* A variable for each named key of a Secret. */}}
{{- define "adlrisk.envOf" -}}
{{- $env := list -}}
{{- range . -}}
{{- $secret := index . 1 -}}
{{- $key := index . 2 -}}
{{- if and $secret $key -}}
{{- $ref := dict "secretKeyRef" (dict "name" $secret "key" $key) -}}
{{- $env = append $env (dict "name" (index . 0) "valueFrom" $ref) -}}
{{- end -}}
{{- end -}}
{{- toYaml $env -}}
{{- end -}}

{{/* Mounted by service and collector: certificates for Redis, rule cards. */}}
{{- define "adlrisk.volumeMounts" -}}
{{- if .Values.redis.tls.existingSecret }}
- name: redis-tls
  mountPath: /etc/adlrisk/redis
  readOnly: true
{{- end }}
{{- if .Values.cards }}
- name: cards
  mountPath: /etc/adlrisk/cards
  readOnly: true
{{- end }}
{{- end -}}

{{- define "adlrisk.volumes" -}}
{{- if .Values.redis.tls.existingSecret }}
- name: redis-tls
  secret:
    secretName: {{ .Values.redis.tls.existingSecret | quote }}
{{- end }}
{{- if .Values.cards }}
- name: cards
  configMap:
    name: {{ include "adlrisk.cardsName" . | quote }}
{{- end }}
{{- end -}}

{{/* Changed cards are another ConfigMap: pods that are there keep theirs, even if they restart. */}}
{{- define "adlrisk.cardsName" -}}
{{- $checksum := include "adlrisk.cardFiles" . | sha256sum | trunc 8 -}}
{{- printf "%s-cards-%s" (include "adlrisk.fullname" . | trunc 48 | trimSuffix "-") $checksum -}}
{{- end -}}

{{- define "adlrisk.cardFiles" -}}
{{- $files := dict -}}
{{- range $id, $card := .Values.cards -}}
{{- $_ := set $files (printf "%s.toml" $id) $card -}}
{{- end -}}
{{- toYaml $files -}}
{{- end -}}

{{- define "adlrisk.dnsEgress" -}}
- ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
  {{- with .Values.networkPolicy.dns }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "adlrisk.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "adlrisk.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* The path prefixes that Ingress and HTTPRoute pass on, as JSON. */}}
{{- define "adlrisk.exposedPaths" -}}
{{- if and .Values.page.exposed (eq (get .Values.settings "ADLRISK_PAGE") "off") -}}
{{- fail "page.exposed: settings.ADLRISK_PAGE is off, so there is no page" -}}
{{- end -}}
{{- concat .Values.exposedPaths (ternary (list "/page") list .Values.page.exposed) | toJson -}}
{{- end }}
