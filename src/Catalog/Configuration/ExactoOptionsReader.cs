namespace Fairlead.Catalog.Configuration;

/// <summary>Reads the <c>inference.exacto</c> object.</summary>
internal static class ExactoOptionsReader
{
    private static readonly MemberNames Members = new("exacto", "auto", "least_requests", "least_tool_requests");

    public static void Read(ref ConfigurationCursor json, List<Func<GatewayOptions, GatewayOptions>> changes)
    {
        if (json.IsNull || !json.EnterObject())
            return;
        while (json.NextMember(Members, out var name))
        {
            Func<ExactoOptions, ExactoOptions>? change = name switch
            {
                "auto" => json.Flag() is { } auto ? o => o with { Auto = auto } : null,
                "least_requests" => json.Whole(1, 1_000_000) is { } least ? o => o with { LeastRequests = (int)least } : null,
                _ => json.Whole(1, 1_000_000) is { } least ? o => o with { LeastToolRequests = (int)least } : null,
            };
            if (change is not null)
                changes.Add(o => o with { Exacto = change(o.Exacto) });
        }
    }
}
