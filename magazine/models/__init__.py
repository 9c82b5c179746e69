from magazine.models.digests import DigestWish
from magazine.models.issues import IssuePage, MagazineIndexPage
from magazine.models.link_checks import LinkCheck
from magazine.models.mailings import Delivery, Edition, Mailing
from magazine.models.subscribers import Subscriber, Suppression

__all__ = [
    "Delivery",
    "DigestWish",
    "Edition",
    "IssuePage",
    "LinkCheck",
    "MagazineIndexPage",
    "Mailing",
    "Subscriber",
    "Suppression",
]
