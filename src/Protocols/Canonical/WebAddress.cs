namespace Fairlead.Protocols.Canonical;

/// <summary>Tells addresses that have to be fetched from <c>data:</c> URLs and bare base64.</summary>
public static class WebAddress
{
    /// <summary>It begins like an http or https address; nothing more is checked.</summary>
    public static bool IsWeb(string text) =>
        text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
}
