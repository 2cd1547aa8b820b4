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

{{/* The pod of `helm test` must not look like one of the service, or it would get requests. */}}
{{- define "adlrisk.testSelector" -}}
app.kubernetes.io/name: {{ include "adlrisk.name" . | trunc 58 | trimSuffix "-" }}-test
app.kubernetes.io/instance: {{ .Release.Name | quote }}
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

{{- define "adlrisk.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{/* What the container gets from Secrets: a variable for each key that is named. */}}
{{- define "adlrisk.secretEnv" -}}
{{- $redis := .Values.redis -}}
{{- $keys := .Values.keys -}}
{{- $env := list -}}
{{- range list
  (list "ADLRISK_REDIS_PASSWORD" $redis.existingSecret $redis.passwordKey)
  (list "ADLRISK_REDIS_SENTINEL_PASSWORD" $redis.existingSecret $redis.sentinelPasswordKey)
  (list "ADLRISK_API_KEYS" $keys.existingSecret $keys.apiKeysKey)
  (list "ADLRISK_WRITE_KEYS" $keys.existingSecret $keys.writeKeysKey)
  (list "ADLRISK_ADMIN_KEYS" $keys.existingSecret $keys.adminKeysKey)
-}}
{{- $secret := index . 1 -}}
{{- $key := index . 2 -}}
{{- if and $secret $key -}}
{{- $ref := dict "secretKeyRef" (dict "name" $secret "key" $key) -}}
{{- $env = append $env (dict "name" (index . 0) "valueFrom" $ref) -}}
{{- end -}}
{{- end -}}
{{- toYaml (concat $env .Values.extraEnv) -}}
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
