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
{{- include "adlrisk.imageOf" (list . "image" .Values.image "adlrisk" "") -}}
{{- end -}}

{{- define "adlrisk.collectorImage" -}}
{{- include "adlrisk.imageOf" (list . "collector.image" .Values.collector.image "adlrisk-collector" "collect") -}}
{{- end -}}

{{- define "adlrisk.watchImage" -}}
{{- include "adlrisk.imageOf" (list . "watch.image" .Values.watch.image "adlrisk-watch" "watch") -}}
{{- end -}}

{{/* An image, by the name of its values, these, its own name and the extra that it is built with. One that nobody has named is
refused, and so is the placeholder of values-production.yaml: they could only fail later, in the cluster. */}}
{{- define "adlrisk.imageOf" -}}
{{- $name := index . 1 -}}
{{- $image := index . 2 -}}
{{- $argument := ternary "" (printf ", built with --build-arg EXTRAS=%s" (index . 4)) (empty (index . 4)) -}}
{{- if not $image.repository -}}
{{- fail (printf "%s.repository: set it to where you pushed the image, as in --set %s.repository=MY-REGISTRY/%s; it is the project's image%s: docs/deployment.md has the commands" $name $name (index . 3) $argument) -}}
{{- end -}}
{{- if eq $image.digest (printf "sha256:%s" (repeat 64 "0")) -}}
{{- fail (printf "%s.digest: zeros are a placeholder; docker buildx imagetools inspect shows the digest of your image" $name) -}}
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
{{- include "adlrisk.checkKeys" $keys -}}
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

{{/* A key of a Secret that is not named would leave the service open, without a word. That of admin keys has a default. */}}
{{- define "adlrisk.checkKeys" -}}
{{- $keys := . -}}
{{- range $name, $default := dict "apiKeysKey" "" "writeKeysKey" "" "adminKeysKey" "admin-keys" -}}
{{- $key := get $keys $name -}}
{{- if and $key (ne $key $default) (not $keys.existingSecret) -}}
{{- fail (printf "keys.existingSecret: name the Secret that has the key in keys.%s, as in --set keys.existingSecret=MY-SECRET; without it no key would be asked for" $name) -}}
{{- end -}}
{{- end -}}
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
{{- if include "adlrisk.cardsName" . }}
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
{{- with include "adlrisk.cardsName" . }}
- name: cards
  configMap:
    name: {{ . | quote }}
{{- end }}
{{- end -}}

{{/* The ConfigMap with the cards, empty if there are none. Changed cards are another ConfigMap: pods that are there keep theirs,
even if they restart. */}}
{{- define "adlrisk.cardsName" -}}
{{- if and .Values.cards .Values.cardsConfigMap -}}
{{- fail "cardsConfigMap: there are cards in the value cards as well; set one of the two" -}}
{{- else if .Values.cards -}}
{{- $checksum := include "adlrisk.cardFiles" . | sha256sum | trunc 8 -}}
{{- printf "%s-cards-%s" (include "adlrisk.fullname" . | trunc 48 | trimSuffix "-") $checksum -}}
{{- else -}}
{{- .Values.cardsConfigMap -}}
{{- end -}}
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

{{/* Security of every container and of every pod. */}}
{{- define "adlrisk.containerSecurity" -}}
{{- toYaml .Values.containerSecurityContext -}}
{{- end -}}

{{- define "adlrisk.podSecurity" -}}
{{- toYaml .Values.podSecurityContext -}}
{{- end -}}

{{/* A probe of values, path and port: the values may name another handler than the path. */}}
{{- define "adlrisk.probe" -}}
{{- $probe := index . 0 -}}
{{- if not (pick $probe "exec" "grpc" "httpGet" "tcpSocket") -}}
{{- $probe = merge (dict "httpGet" (dict "path" (index . 1) "port" (index . 2))) $probe -}}
{{- end -}}
{{- toYaml $probe -}}
{{- end -}}

{{/* The three probes of a container, of its values and its port. */}}
{{- define "adlrisk.probes" -}}
{{- $values := index . 0 -}}
{{- $port := index . 1 -}}
startupProbe: {{- include "adlrisk.probe" (list $values.startupProbe "/health/live" $port) | nindent 2 }}
livenessProbe: {{- include "adlrisk.probe" (list $values.livenessProbe "/health/live" $port) | nindent 2 }}
readinessProbe: {{- include "adlrisk.probe" (list $values.readinessProbe "/health/ready" $port) | nindent 2 }}
{{- end -}}

{{/* Mounts of the operator's own volumes, of the prefix of their values and these. One without a volume is refused: the pods
would not be created, and the Deployment would not say why. */}}
{{- define "adlrisk.extraMounts" -}}
{{- $prefix := index . 0 -}}
{{- $values := index . 1 -}}
{{- $volumes := list -}}
{{- range $values.extraVolumes -}}
{{- $volumes = append $volumes .name -}}
{{- end -}}
{{- range $values.extraVolumeMounts -}}
{{- if not (has .name $volumes) -}}
{{- fail (printf "%sextraVolumeMounts: no volume in %sextraVolumes has the name %s" $prefix $prefix .name) -}}
{{- end -}}
{{- end -}}
{{- toYaml $values.extraVolumeMounts -}}
{{- end -}}

{{/* The path prefixes that Ingress and HTTPRoute pass on, as JSON. */}}
{{- define "adlrisk.exposedPaths" -}}
{{- if .Values.page.exposed -}}
{{- include "adlrisk.checkPage" (list . "page.exposed") -}}
{{- end -}}
{{- concat .Values.exposedPaths (ternary (list "/page") list .Values.page.exposed) | toJson -}}
{{- end }}

{{- define "adlrisk.checkPage" -}}
{{- if eq (get (index . 0).Values.settings "ADLRISK_PAGE") "off" -}}
{{- fail (printf "%s: settings.ADLRISK_PAGE is off, so there is no page" (index . 1)) -}}
{{- end -}}
{{- end }}

{{/* An Ingress of its name, the name of its values, these, and the paths that it passes on. */}}
{{- define "adlrisk.ingress" -}}
{{- $root := index . 0 -}}
{{- $prefix := index . 2 -}}
{{- $ingress := index . 3 -}}
{{- $paths := index . 4 -}}
{{- if or (not $ingress.hosts) (has (dict "host" "") $ingress.hosts) -}}
{{- fail (printf "%s.hosts: name the host that clients call, as in --set %s.hosts[0].host=adl.my-domain" $prefix $prefix) -}}
{{- end -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ index . 1 | quote }}
  labels: {{- include "adlrisk.labels" $root | nindent 4 }}
  {{- with $ingress.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with $ingress.className }}
  ingressClassName: {{ . }}
  {{- end }}
  {{- with $ingress.tls }}
  tls: {{- toYaml . | nindent 4 }}
  {{- end }}
  rules:
    {{- range $ingress.hosts }}
    - host: {{ .host | quote }}
      http:
        paths:
          {{- range $paths }}
          - path: {{ . | quote }}
            pathType: Prefix
            backend:
              service:
                name: {{ include "adlrisk.fullname" $root | quote }}
                port:
                  name: http
          {{- end }}
    {{- end }}
{{- end }}

{{/* The hosts of the page with their scheme: https if one of the Ingresses that pass it on has a certificate. */}}
{{- define "adlrisk.pageHosts" -}}
{{- $hosts := dict -}}
{{- range list (list .Values.ingress (and .Values.ingress.enabled .Values.page.exposed)) (list .Values.page.ingress .Values.page.ingress.enabled) -}}
{{- $ingress := index . 0 -}}
{{- if index . 1 -}}
{{- range $ingress.hosts -}}
{{- if or $ingress.tls (not (hasKey $hosts .host)) -}}
{{- $_ := set $hosts .host (ternary "https" "http" (not (empty $ingress.tls))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml $hosts -}}
{{- end -}}
