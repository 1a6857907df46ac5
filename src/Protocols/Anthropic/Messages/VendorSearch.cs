using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>The vendor's own web search among the tools of <c>POST /messages</c> (providers contract §5.2).</summary>
public static class VendorSearch
{
    /// <summary>The caller asks for it by the vendor's name: an endpoint that has it is meant, where there is one.</summary>
    public static bool IsIn(CanonicalRequest request)
    {
        if (request.Dialect != ClientDialect.Messages)
            return false;
        var tools = new JsonElements(JsonMembers.Find(request.Original.Span, "tools"u8));
        while (tools.Next())
        {
            if (IsType(JsonText.ToText(JsonMembers.FindString(tools.Value, "type"u8))))
                return true;
        }

        return false;
    }

    internal static bool IsType(string type) => type is "web_search_20250305" or "web_search_20260209";
}
