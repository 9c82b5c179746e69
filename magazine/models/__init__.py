from magazine.models.digests import DigestWish
from magazine.models.issues import IssuePage, MagazineIndexPage
from magazine.models.mailings import Delivery, Edition, Mailing
from magazine.models.subscribers import Subscriber, Suppression

__all__ = [
    "Delivery",
    "DigestWish",
    "Edition",
    "IssuePage",
    "MagazineIndexPage",
    "Mailing",
    "Subscriber",
    "Suppression",
]
