using System.Net;
using System.Net.Sockets;

namespace Fairlead.Storage.Outbound;

/// <summary>
/// Decides whether an address may be reached on behalf of somebody else: loopback, private, link-local (cloud metadata included), CGNAT,
/// multicast, documentation and reserved ranges are refused, in IPv4, IPv6 and every form that embeds IPv4 (mapped, compatible, NAT64, 6to4, Teredo).
/// </summary>
public static class PublicAddress
{
    /// <summary>True when the address is on the public internet.</summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return IsPublic4(address.GetAddressBytes());
        return address.AddressFamily == AddressFamily.InterNetworkV6 && IsPublic6(address.GetAddressBytes());
    }

    private static bool IsPublic4(ReadOnlySpan<byte> a) => (a[0], a[1]) switch
    {
        (0, _) or (10, _) or (127, _) => false,
        (100, >= 64 and <= 127) => false,
        (169, 254) => false,
        (172, >= 16 and <= 31) => false,
        (192, 168) => false,
        (192, 0) => a[2] is not (0 or 2),
        (192, 88) => a[2] != 99,
        (198, 18 or 19) => false,
        (198, 51) => a[2] != 100,
        (203, 0) => a[2] != 113,
        ( >= 224, _) => false,
        _ => true,
    };

    private static bool IsPublic6(ReadOnlySpan<byte> a)
    {
        // ::/96 and ::ffff:0:0/96 carry an IPv4 address at the end (unspecified and loopback included), 64:ff9b::/96 is NAT64.
        if (a[..10].IndexOfAnyExcept((byte)0) < 0 && ((a[10] == 0 && a[11] == 0) || (a[10] == 0xff && a[11] == 0xff)))
            return !(a[10] == 0 && a[12] == 0 && a[13] == 0) && IsPublic4(a[12..]);
        if (a[0] == 0x00 && a[1] == 0x64 && a[2] == 0xff && a[3] == 0x9b)
            return a[4..12].IndexOfAnyExcept((byte)0) < 0 && IsPublic4(a[12..]);
        if (a[0] == 0x20 && a[1] == 0x02)
            return IsPublic4(a[2..6]);
        if (a[0] == 0x20 && a[1] == 0x01 && ((a[2] == 0 && a[3] == 0) || (a[2] == 0x0d && a[3] == 0xb8)))
            return false;
        // Global unicast is 2000::/3; everything else (unique local, link-local, site-local, multicast) stays inside.
        return (a[0] & 0xE0) == 0x20;
    }
}
