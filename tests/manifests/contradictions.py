"""Where the index, a good guess made from schemas, is contradicted; beside each, what upstream's source says.

(file, number of the document, or None for a file as a whole) → why.
"""

ACCOUNT = (
    "The Pod names a service account that is not there. Admission comes before validation: "
    "plugin/pkg/admission/serviceaccount/admission.go, Admit: `error looking up service account %s/%s: %w`."
)
HOST = (
    "A host with underscores is no DNS name: pkg/apis/networking/validation/validation.go, validateIngressRules and "
    "validateIngressTLS call IsDNS1123Subdomain."
)
OTHER_READER = "The index was made with PyYAML and json.load. "
ESCAPE = OTHER_READER + r"go-yaml v2 (scannerc.go, yaml_parser_scan_flow_scalar) reads \' between double quotes."
STREAM = OTHER_READER + "kubectl reads one JSON value after the other: apimachinery pkg/util/yaml/decoder.go."

CONTRADICTED = {
    ("kubesec/asset/score-2-pod-serviceaccount.yml", 0): ACCOUNT,
    ("broken/missing-required/kubesec/asset/score-1-pod-automountservicetoken.yml", 0): ACCOUNT,
    ("broken/semantic/datree/internal/fixtures/kube/fail-30.yaml", 0): ACCOUNT,
    ("broken/wrong-type/ingress-nginx/docs/examples/auth/oauth-external-auth/vouch-proxy.yaml", 2): HOST,
    ("broken/wrong-type/ingress-nginx/docs/examples/auth/oauth-external-auth/vouch-proxy.yaml", 3): HOST,
    ("k8s-website/service/networking/dual-stack-prefer-ipv6-lb-svc.yaml", 0): (
        "A cluster of one family (IPv4) refuses the other: pkg/registry/core/service/storage/alloc.go, "
        "initIPFamilyFields: `not configured on this cluster`."
    ),
    ("k8s-website/controllers/hpa-rs.yaml", 0): (
        "An autoscaler's target names its API group: pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go, "
        "AllowEmptyAPIGroup, which only a ReplicationController sets."
    ),
    ("broken/missing-required/datree/pkg/policy/tests/14/fail/14-fail.yaml", 0): (
        "status.lastScaleTime is no time, which ends decoding before anything is required: apimachinery "
        "pkg/apis/meta/v1/time.go, Time.UnmarshalJSON."
    ),
    ("edge/kube-linter/pkg/templates/sortedkeys/testdata/container-with-merge.yaml", 0): (
        OTHER_READER + "A merge key takes a map: go-yaml v2, decode.go, `map merge requires map or sequence of maps "
        "as the value`."
    ),
    ("edge/k8s-website-new/pods/inject/envars-file-container.yaml", 0): ESCAPE,
    ("edge/k8s-core-testdata/multi-resource-json.json", 0): STREAM,
    ("edge/k8s-core-testdata/multi-resource-json.json", 1): STREAM,
}
