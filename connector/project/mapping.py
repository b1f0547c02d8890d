"""From a mapping file to the types that everything else speaks."""

from __future__ import annotations

from connector.core.choices import Choices
from connector.model import CreateRule, Field, ObjectMapping
from connector.project.mapping_file import CreateLine, FieldLine, MappingFile
from connector.project.settings import Settings
from connector.project.yaml_lines import Document


def compile_mapping(file: MappingFile, document: Document, settings: Settings) -> ObjectMapping:
    """The mapping of one file, with its defaults filled in from the settings."""
    return ObjectMapping(
        object=file.object,
        hubspot=file.hubspot,
        salesforce=tuple(sorted(file.salesforce.values(), key=lambda name: name != "Lead")),
        keys=file.keys,
        create={
            "hubspot": tuple(_rule(file, document, "hubspot", i, each) for i, each in enumerate(file.create.hubspot)),
            "salesforce": tuple(
                _rule(file, document, "salesforce", i, each) for i, each in enumerate(file.create.salesforce)
            ),
        },
        sync={"hubspot": file.sync.hubspot.when, "salesforce": file.sync.salesforce.when},
        delete=file.delete,
        first_link=file.first_link,
        fields=tuple(_field(file, document, settings, i, line) for i, line in enumerate(file.fields)),
        stamps={"hubspot": settings.stamps.hubspot, "salesforce": settings.stamps.salesforce},
        where=document.name,
    )


def _rule(file: MappingFile, document: Document, side: str, i: int, line: CreateLine) -> CreateRule:
    short = line.as_ if line.as_ is not None else next(iter(file.salesforce))
    vendor_object = file.hubspot if side == "hubspot" else file.salesforce.get(short, short)
    return CreateRule(vendor_object, line.when, document.where(("create", side, i)))


def _field(file: MappingFile, document: Document, settings: Settings, i: int, line: FieldLine) -> Field:
    everywhere = line.salesforce.get("*")
    salesforce = {
        vendor_object: name
        for short, vendor_object in file.salesforce.items()
        if (name := line.salesforce.get(short, everywhere))
    }
    # what one side alone has flows nowhere: it is never written back to where it comes from
    to = line.to if line.hubspot and salesforce else "salesforce" if line.hubspot else "hubspot"
    return Field(
        name=line.name,
        type=line.type,
        hubspot=line.hubspot,
        salesforce=salesforce,
        to=to,
        winner=line.winner,
        blank=line.blank,
        drift=line.drift,
        values=Choices(line.values),
        object=line.object,
        region=(line.region or settings.region) if line.type == "phone" else None,
        decimals=line.decimals,
        where=document.where(("fields", i)),
    )
