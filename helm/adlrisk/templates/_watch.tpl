{{/* Its pods have labels of their own, or they would get the service's requests. */}}
{{- define "adlrisk.watchSelector" -}}
app.kubernetes.io/name: {{ include "adlrisk.name" . | trunc 57 | trimSuffix "-" }}-watch
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "adlrisk.watchLabels" -}}
{{ include "adlrisk.watchSelector" . }}
{{ include "adlrisk.commonLabels" . }}
{{- end -}}

{{- define "adlrisk.watchName" -}}
{{- printf "%s-watch" (include "adlrisk.fullname" . | trunc 57 | trimSuffix "-") -}}
{{- end -}}

{{- define "adlrisk.watchServiceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- include "adlrisk.watchName" . -}}
{{- else -}}
{{- include "adlrisk.serviceAccount" . -}}
{{- end -}}
{{- end -}}

{{/* What the watch is told by variables. */}}
{{- define "adlrisk.watchEnv" -}}
{{- $watch := .Values.watch -}}
- name: ADLRISK_WATCH_ACCOUNTS
  value: {{ join " " $watch.accounts | quote }}
- name: ADLRISK_WATCH_INTERVAL_SECONDS
  value: {{ $watch.intervalSeconds | quote }}
- name: ADLRISK_WATCH_MESSAGES_PER_MINUTE
  value: {{ $watch.messagesPerMinute | quote }}
- name: ADLRISK_WATCH_STATE
  value: {{ ternary "/var/lib/adlrisk/watch.json" "redis" (ne $watch.stateClaim "") | quote }}
{{- with $watch.service }}
- name: ADLRISK_WATCH_SERVICE
  value: {{ . | quote }}
{{- end }}
{{- end -}}

{{- define "adlrisk.watchMounts" -}}
{{- if .Values.watch.stateClaim }}
- name: watch-state
  mountPath: /var/lib/adlrisk
{{- end }}
{{- end -}}

{{- define "adlrisk.watchVolumes" -}}
{{- with .Values.watch.stateClaim }}
- name: watch-state
  persistentVolumeClaim:
    claimName: {{ . | quote }}
{{- end }}
{{- end -}}
