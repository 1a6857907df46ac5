namespace Fairlead.Catalog.Configuration;

/// <summary>Reads the <c>inference.body_builder</c> object.</summary>
internal static class BodyBuilderOptionsReader
{
    private static readonly MemberNames Members = new("body_builder", "model", "timeout_s");

    public static void Read(ref ConfigurationCursor json, List<Func<GatewayOptions, GatewayOptions>> changes)
    {
        if (json.IsNull || !json.EnterObject())
            return;
        while (json.NextMember(Members, out var name))
        {
            Func<BodyBuilderOptions, BodyBuilderOptions>? change = name == "model"
                ? json.Text(200) is { } model ? o => o with { Model = model } : null
                : OptionsReader.Seconds(ref json, 1, 120) is { } time ? o => o with { Timeout = time } : null;
            if (change is not null)
                changes.Add(o => o with { BodyBuilder = change(o.BodyBuilder) });
        }
    }
}
