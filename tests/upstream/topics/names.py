"""What may be a name, a label, a port."""

from kubesim_tui.api import names
from tests.upstream.adapters import answers

CHECKS = {
    "dns1123_label": names.is_dns1123_label,
    "dns1123_subdomain": names.is_dns1123_subdomain,
    "dns1035_label": names.is_dns1035_label,
    "wildcard_dns1123_subdomain": names.is_wildcard_dns1123_subdomain,
    "fqdn": names.is_fully_qualified_domain_name,
    "qualified_name": names.is_qualified_name,
    "label_value": names.is_label_value,
    "configmap_key": names.is_config_map_key,
    "port_name": names.is_valid_port_name,
    "port_number": names.is_valid_port_num,
    "group_id": names.is_valid_group_id,
    "percent": names.is_valid_percent,
    "http_header_name": names.is_http_header_name,
}


@answers("validation_names", *CHECKS)
def checked(given):
    found = CHECKS[given["op"]](given["value"])
    return {"valid": not found, "messages": found}
