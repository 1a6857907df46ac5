using System.Collections.Frozen;

namespace Fairlead.Protocols.Json.Schemas;

/// <summary>How a subset says that a value may be null.</summary>
internal enum NullForm
{
    /// <summary>The type <c>null</c>, alone or in a list.</summary>
    Type,
    /// <summary>A member <c>nullable</c>.</summary>
    Member,
    /// <summary>It cannot.</summary>
    None,
}

/// <summary>How a subset says that any value will do.</summary>
internal enum AnyForm
{
    /// <summary>A schema without keywords.</summary>
    Empty,
    /// <summary>A union of every type: each schema must have one.</summary>
    Union,
    /// <summary>It cannot.</summary>
    None,
}

/// <summary>What a subset makes of references.</summary>
internal enum ReferenceForm
{
    /// <summary>They stand, with the definitions they name, and may call themselves.</summary>
    Recursive,
    /// <summary>They stand; those that call themselves only below members that may be absent.</summary>
    RecursiveWhereOptional,
    /// <summary>They stand, but none may call itself.</summary>
    Finite,
    /// <summary>They stand; what calls itself is put in place, and cut at the second round.</summary>
    FiniteOrCut,
    /// <summary>There are none: what they name is put in their place.</summary>
    Inlined,
}

/// <summary>What the outermost schema must be.</summary>
internal enum RootForm
{
    /// <summary>Anything.</summary>
    Any,
    /// <summary>An object, not a union.</summary>
    Object,
    /// <summary>An object, not a union; everything below it is taken as it comes.</summary>
    FlatObject,
}

/// <summary>Kinds of values a choice can be among.</summary>
[Flags]
internal enum ChoiceKinds
{
    None = 0,
    Strings = 1,
    Numbers = 2,
    Booleans = 4,
    Nulls = 8,
    Structures = 16,
    Scalars = Strings | Numbers | Booleans | Nulls,
    All = Scalars | Structures,
}

/// <summary>
/// What one wire format takes of JSON Schema. Keywords outside <see cref="Keywords"/> are told in the description where they are short limits, else dropped;
/// the compiler knows the structure (<c>properties</c>, <c>items</c>, unions, references) and asks the other members here.
/// </summary>
internal sealed record SchemaSubset
{
    /// <summary>Where the facts are from, with their date.</summary>
    public required string Source { get; init; }
    /// <summary>Keywords that are copied.</summary>
    public FrozenSet<string> Keywords { get; init; } = [];
    /// <summary>Values of <c>format</c> that are taken; null: every.</summary>
    public FrozenSet<string>? Formats { get; init; }
    /// <summary>Greatest <c>minItems</c> taken, where it is a keyword.</summary>
    public int MostMinItems { get; init; } = int.MaxValue;
    /// <summary>The outermost schema.</summary>
    public RootForm Root { get; init; }
    /// <summary>References.</summary>
    public ReferenceForm References { get; init; }
    /// <summary><c>#</c> may be referred to.</summary>
    public bool RootReference { get; init; }
    /// <summary>Nothing may stand beside a reference.</summary>
    public bool LoneReferences { get; init; }
    /// <summary>There is <c>anyOf</c>.</summary>
    public bool Unions { get; init; } = true;
    /// <summary><c>type</c> may be a list.</summary>
    public bool TypeLists { get; init; }
    /// <summary>Every schema must have a type (or be a union or a reference).</summary>
    public bool TypeRequired { get; init; }
    /// <summary>Null.</summary>
    public NullForm Null { get; init; }
    /// <summary>Any value.</summary>
    public AnyForm Any { get; init; }
    /// <summary>What may stand in <c>enum</c>.</summary>
    public ChoiceKinds Choices { get; init; } = ChoiceKinds.Scalars;
    /// <summary>The empty string may stand in <c>enum</c>.</summary>
    public bool EmptyChoices { get; init; } = true;
    /// <summary><c>additionalProperties: false</c> must stand in every object.</summary>
    public bool Closed { get; init; }
    /// <summary>Objects are closed unless <c>additionalProperties: true</c> stands there.</summary>
    public bool OpenStated { get; init; }
    /// <summary>Every property must be required.</summary>
    public bool AllRequired { get; init; }
    /// <summary>Every object must require a property.</summary>
    public bool SomeRequired { get; init; }
    /// <summary><c>required</c> may only name properties that are described.</summary>
    public bool RequiredDescribed { get; init; }
    /// <summary>Arrays must have <c>items</c>.</summary>
    public bool ItemsRequired { get; init; }
    /// <summary>Most levels of objects.</summary>
    public int MostLevels { get; init; } = int.MaxValue;
    /// <summary>Most properties of all objects together.</summary>
    public int MostProperties { get; init; } = int.MaxValue;
    /// <summary>Most choices of all <c>enum</c>s together.</summary>
    public int MostChoices { get; init; } = int.MaxValue;
    /// <summary>Most characters of the whole schema, where <see cref="WholeOrNot"/> holds.</summary>
    public int MostCharacters { get; init; } = int.MaxValue;
    /// <summary>Where something cannot be said, the whole schema is not sent. Otherwise any value is allowed in its place.</summary>
    public bool WholeOrNot { get; init; }

    /// <summary>It asks for nothing a schema may lack, and takes every structure but references and unions of one sort: <see cref="SchemaCopy"/> serves it.</summary>
    public bool IsOpen => Root == RootForm.Any && Unions && TypeLists && Null == NullForm.Type && Any == AnyForm.Empty && EmptyChoices && !TypeRequired && !Closed
        && !AllRequired && !SomeRequired && !RequiredDescribed && !ItemsRequired && !WholeOrNot
        && (MostMinItems, MostLevels, MostProperties, MostChoices) is (int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue);
}
