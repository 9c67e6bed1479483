{{- define "coredns.fullname" -}}
{{- if .Values.fullnameOverride }}{{ .Values.fullnameOverride }}
{{- else if contains "coredns" .Release.Name }}{{ .Release.Name }}
{{- else }}{{ printf "%s-coredns" .Release.Name }}
{{- end }}
{{- end }}

{{- define "coredns.account" -}}
{{- if .Values.serviceAccount.create }}{{ default (include "coredns.fullname" .) .Values.serviceAccount.name }}
{{- else }}{{ default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "coredns.selector" -}}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/name: coredns
{{- if .Values.isClusterService }}
k8s-app: {{ default "coredns" .Values.k8sAppLabelOverride }}
{{- end }}
{{- end }}
