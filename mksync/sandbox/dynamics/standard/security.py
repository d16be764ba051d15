"""Roles and column security.

Source: Microsoft Learn, "Role", "FieldSecurityProfile" and "FieldPermission table/entity reference".
"""

from mksync.sandbox.dynamics.standard.kinds import (
    READ_ONLY,
    choice,
    identity,
    lookup,
    memo,
    system,
    table,
    text,
)
from mksync.sandbox.dynamics.tables import Column, Kind, ManyToMany, Table

ALLOWED = {0: "Not Allowed", 4: "Allowed"}
_OWN = {"ownership": "OrganizationOwned"}


def _intersect(name: str, code: int, one: str, other: str) -> Table:
    pieces = [Column(f"{part}id", Kind.UNIQUEIDENTIFIER, **READ_ONLY) for part in (one, other)]
    version = Column("versionnumber", Kind.BIG_INT, **READ_ONLY)
    key = identity(f"{name.removesuffix('s')}id")
    return table(
        name,
        f"{name}collection",
        name,
        code,
        [key, *pieces, version],
        primary_id=key.name,
        primary_name="",
        ownership="None",
        intersect=True,
        bulk=False,
    )


ROLE = table(
    "role",
    "roles",
    "Role",
    1036,
    [
        identity("roleid"),
        text("name", 100, required="SystemRequired"),
        *lookup("businessunitid", "businessunit", "business_unit_roles"),
        *lookup("parentrootroleid", "role", "role_parent_root_role"),
        ManyToMany("systemuserroles_association", "systemuserroles", "roleid", "systemuserid", "systemuser"),
        ManyToMany("teamroles_association", "teamroles", "roleid", "teamid", "team"),
        *system(owned=False),
    ],
    label="Security Role",
    **_OWN,
)

PROFILE = table(
    "fieldsecurityprofile",
    "fieldsecurityprofiles",
    "FieldSecurityProfile",
    1200,
    [
        identity("fieldsecurityprofileid"),
        text("name", 100, required="SystemRequired"),
        memo("description"),
        ManyToMany(
            "systemuserprofiles_association",
            "systemuserprofiles",
            "fieldsecurityprofileid",
            "systemuserid",
            "systemuser",
        ),
        ManyToMany("teamprofiles_association", "teamprofiles", "fieldsecurityprofileid", "teamid", "team"),
        *system(owned=False),
    ],
    label="Field Security Profile",
    **_OWN,
)

PERMISSION = table(
    "fieldpermission",
    "fieldpermissions",
    "FieldPermission",
    1201,
    [
        identity("fieldpermissionid"),
        text("entityname", 128),
        text("attributelogicalname", 128),
        *(choice(name, ALLOWED, default=0) for name in ("canread", "cancreate", "canupdate")),
        choice("canreadunmasked", {0: "Not Allowed", 1: "One Record", 3: "All Records"}, default=0),
        *lookup(
            "fieldsecurityprofileid",
            "fieldsecurityprofile",
            "lk_fieldpermission_fieldsecurityprofileid",
            on_delete="Cascade",
        ),
        *system(owned=False),
    ],
    label="Field Permission",
    primary_name="",
    **_OWN,
)

TABLES = (
    ROLE,
    PROFILE,
    PERMISSION,
    _intersect("systemuserroles", 1_114, "systemuser", "role"),
    _intersect("teamroles", 40, "team", "role"),
    _intersect("systemuserprofiles", 1_202, "systemuser", "fieldsecurityprofile"),
    _intersect("teamprofiles", 1_203, "team", "fieldsecurityprofile"),
)
