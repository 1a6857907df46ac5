using System.Net;
using Fairlead.Storage.Outbound;

namespace Fairlead.Catalog.Building;

/// <summary>
/// Whether an address names this machine or its private network in so many words. Host names that resolve there are the outbound
/// client's business: it looks at the address it connects to.
/// </summary>
internal static class PrivateAddress
{
    public static bool Is(Uri uri)
    {
        var host = uri.IdnHost.Trim('[', ']').TrimEnd('.');
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase))
            return true;
        return IPAddress.TryParse(host, out var address) && !PublicAddress.IsPublic(address);
    }
}
